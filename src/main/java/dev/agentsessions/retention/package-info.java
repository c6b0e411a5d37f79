/**
 * Retention: idle sessions are soft-deleted, and what was soft-deleted long ago is
 * removed for good, by every replica at once and without a leader.
 */
@NullMarked
package dev.agentsessions.retention;

import org.jspecify.annotations.NullMarked;
