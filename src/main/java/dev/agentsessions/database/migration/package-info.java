/**
 * What Liquibase needs on PostgreSQL so that a migration may be killed at any moment and
 * the next one goes on by itself; and the schemas of a store with several buckets.
 */
@NullMarked
package dev.agentsessions.database.migration;

import org.jspecify.annotations.NullMarked;
