/**
 * What a follower is told, in which order, and from which position on.
 */
@NullMarked
package dev.agentsessions.tail.event;

import org.jspecify.annotations.NullMarked;
