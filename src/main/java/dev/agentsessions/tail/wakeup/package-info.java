/**
 * Replicas tell each other which sessions have moved, and look for themselves now and
 * then.
 */
@NullMarked
package dev.agentsessions.tail.wakeup;

import org.jspecify.annotations.NullMarked;
