/**
 * Connections to PostgreSQL that can be closed at any time and leave nothing open, and
 * how often they are tried.
 */
@NullMarked
package dev.agentsessions.database.connect.postgres;

import org.jspecify.annotations.NullMarked;
