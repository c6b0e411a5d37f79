/**
 * What can be seen of the service from outside.
 */
@NullMarked
package dev.agentsessions.tracing;

import org.jspecify.annotations.NullMarked;
