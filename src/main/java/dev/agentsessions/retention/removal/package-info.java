/**
 * Removes the rows of sessions that are gone for good, piece by piece, on every replica.
 */
@NullMarked
package dev.agentsessions.retention.removal;

import org.jspecify.annotations.NullMarked;
