/**
 * How settings are looked at when the service, or a command, starts; and how a start that
 * can't go on says what to set instead.
 */
@NullMarked
package dev.agentsessions.settings;

import org.jspecify.annotations.NullMarked;
