/**
 * Errors: everything that goes wrong becomes a problem+json answer (RFC 9457) here, and
 * only here.
 */
@NullMarked
package dev.agentsessions.problem;

import org.jspecify.annotations.NullMarked;
