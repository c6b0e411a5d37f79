/**
 * Lanes: requests of many callers queue up for a connection that a lane owns, tenant by
 * tenant in turn, and go to the database in batches.
 */
@NullMarked
package dev.agentsessions.database.lane;

import org.jspecify.annotations.NullMarked;
