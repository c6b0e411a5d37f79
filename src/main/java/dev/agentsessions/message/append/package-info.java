/**
 * Appending to a log, as JSON or as lines.
 */
@NullMarked
package dev.agentsessions.message.append;

import org.jspecify.annotations.NullMarked;
