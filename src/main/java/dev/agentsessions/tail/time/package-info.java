/**
 * When a tail writes, rests and ends, by the clock of the event loop that it lives on.
 */
@NullMarked
package dev.agentsessions.tail.time;

import org.jspecify.annotations.NullMarked;
