/**
 * The way to the database: DATABASE_URL, connections, lanes, JSON columns, and what
 * differs between PostgreSQL and H2.
 */
@NullMarked
package dev.agentsessions.database;

import org.jspecify.annotations.NullMarked;
