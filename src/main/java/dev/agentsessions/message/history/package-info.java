/**
 * Whole histories, out and in.
 */
@NullMarked
package dev.agentsessions.message.history;

import org.jspecify.annotations.NullMarked;
