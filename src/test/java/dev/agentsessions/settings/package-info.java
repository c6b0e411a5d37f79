/**
 * The settings as they are written down: the table in docs/configuration.md is made here,
 * from the records.
 */
@NullMarked
package dev.agentsessions.settings;

import org.jspecify.annotations.NullMarked;
