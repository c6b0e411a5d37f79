/**
 * Forks: a new session that begins with the log of another.
 */
@NullMarked
package dev.agentsessions.fork;

import org.jspecify.annotations.NullMarked;
