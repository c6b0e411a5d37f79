/**
 * Whether the database can be used, as the probes of a replica see it.
 */
@NullMarked
package dev.agentsessions.database.health;

import org.jspecify.annotations.NullMarked;
