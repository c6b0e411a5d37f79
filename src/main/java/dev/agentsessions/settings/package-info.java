/**
 * How settings are looked at when the service, or a command, starts.
 */
@NullMarked
package dev.agentsessions.settings;

import org.jspecify.annotations.NullMarked;
