/**
 * The socket of one follower: what it takes, and what is written to it.
 */
@NullMarked
package dev.agentsessions.tail.output;

import org.jspecify.annotations.NullMarked;
