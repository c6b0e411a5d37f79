/**
 * Connections to PostgreSQL that can be closed at any time and leave nothing open.
 */
@NullMarked
package dev.agentsessions.database.connect.postgres;

import org.jspecify.annotations.NullMarked;
