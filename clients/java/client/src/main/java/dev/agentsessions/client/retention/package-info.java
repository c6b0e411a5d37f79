/**
 * What leaves when, and letting it leave now.
 */
@NullMarked
package dev.agentsessions.client.retention;

import org.jspecify.annotations.NullMarked;
