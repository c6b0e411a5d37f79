/**
 * Which agent is at work, and what it does in one turn.
 */
@NullMarked
package dev.agentsessions.client.agent;

import org.jspecify.annotations.NullMarked;
