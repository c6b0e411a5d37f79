/**
 * Connecting: what DATABASE_URL says, connections of both engines and how often they are
 * tried, the pool, and the schema that is brought up to date at start.
 */
@NullMarked
package dev.agentsessions.database.connect;

import org.jspecify.annotations.NullMarked;
