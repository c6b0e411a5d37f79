/**
 * Forks of sessions.
 */
@NullMarked
package dev.agentsessions.fork;

import org.jspecify.annotations.NullMarked;
