/**
 * The gate that every request passes, and what of it the settings choose.
 */
@NullMarked
package dev.agentsessions.access.filter;

import org.jspecify.annotations.NullMarked;
