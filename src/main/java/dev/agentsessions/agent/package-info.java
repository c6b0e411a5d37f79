/**
 * Agents: which agent holds a session, and how it changed hands.
 */
@NullMarked
package dev.agentsessions.agent;

import org.jspecify.annotations.NullMarked;
