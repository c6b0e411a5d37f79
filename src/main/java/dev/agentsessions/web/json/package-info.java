/**
 * JSON in and out: strict trees, values, and objects that are written byte by byte.
 */
@NullMarked
package dev.agentsessions.web.json;

import org.jspecify.annotations.NullMarked;
