/**
 * Forks of sessions.
 */
@NullMarked
package dev.agentsessions.erasure;

import org.jspecify.annotations.NullMarked;
