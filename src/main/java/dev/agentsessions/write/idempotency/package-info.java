/**
 * How long the answers under idempotency keys are kept.
 */
@NullMarked
package dev.agentsessions.write.idempotency;

import org.jspecify.annotations.NullMarked;
