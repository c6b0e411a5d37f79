/**
 * The client against the real service, and what stands between the two.
 */
@NullMarked
package dev.agentsessions.client;

import org.jspecify.annotations.NullMarked;
