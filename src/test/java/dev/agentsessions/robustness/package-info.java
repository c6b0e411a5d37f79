/**
 * Requests that no client means to send, over every operation of openapi.yaml: whatever
 * comes, the store answers in its own form, writes all or nothing, and goes on.
 */
@NullMarked
package dev.agentsessions.robustness;

import org.jspecify.annotations.NullMarked;
