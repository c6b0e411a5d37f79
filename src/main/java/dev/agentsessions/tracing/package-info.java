/**
 * Traces by OpenTelemetry, when somebody is there to take them.
 */
@NullMarked
package dev.agentsessions.tracing;

import org.jspecify.annotations.NullMarked;
