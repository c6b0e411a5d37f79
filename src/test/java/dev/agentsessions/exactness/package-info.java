/**
 * The store under everything that goes wrong at once: two replicas as processes, many
 * clients, lost connections, killed processes, a database that crashes or freezes. What
 * it acknowledged has to be there exactly, whatever happened.
 */
@NullMarked
package dev.agentsessions.exactness;

import org.jspecify.annotations.NullMarked;
