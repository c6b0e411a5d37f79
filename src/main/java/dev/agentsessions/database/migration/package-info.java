/**
 * What Liquibase needs on PostgreSQL so that a migration may be killed at any moment and
 * the next one goes on by itself. Liquibase finds these classes by
 * <code>META-INF/services</code>.
 */
@NullMarked
package dev.agentsessions.database.migration;

import org.jspecify.annotations.NullMarked;
