/**
 * An Agent Session Store as a client sees it:
 * {@link dev.agentsessions.client.SessionStore} is where to begin.
 */
@NullMarked
package dev.agentsessions.client;

import org.jspecify.annotations.NullMarked;
