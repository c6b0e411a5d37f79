/**
 * Turns: one step of an agent, its messages, switch and metadata, all or nothing.
 */
@NullMarked
package dev.agentsessions.turn;

import org.jspecify.annotations.NullMarked;
