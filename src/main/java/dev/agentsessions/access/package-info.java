/**
 * Access: who may call, and as which tenant. {@link dev.agentsessions.access.AccessMode}
 * names the ways, {@link dev.agentsessions.access.AccessFilter} is the gate.
 */
@NullMarked
package dev.agentsessions.access;

import org.jspecify.annotations.NullMarked;
