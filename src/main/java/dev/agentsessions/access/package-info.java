/**
 * Access: who may call, and as which tenant.
 */
@NullMarked
package dev.agentsessions.access;

import org.jspecify.annotations.NullMarked;
