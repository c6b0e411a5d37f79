/**
 * Access: who may call, and as which tenant.
 * {@link dev.agentsessions.access.filter.AccessMode} names the ways,
 * {@link dev.agentsessions.access.filter.AccessFilter} is the gate.
 */
@NullMarked
package dev.agentsessions.access;

import org.jspecify.annotations.NullMarked;
