/**
 * The way to the database: what differs between PostgreSQL and H2, what errors prove, and
 * single statements. Its rooms hold connecting, rows, lanes and health.
 */
@NullMarked
package dev.agentsessions.database;

import org.jspecify.annotations.NullMarked;
