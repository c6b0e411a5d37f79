/**
 * Rows of statements: values in, as arrays that are rows again in PostgreSQL, and columns
 * out; JSON and times as text.
 */
@NullMarked
package dev.agentsessions.database.rows;

import org.jspecify.annotations.NullMarked;
