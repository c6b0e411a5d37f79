/**
 * What a lane does: kinds of work, and the connection that they are given for it.
 */
@NullMarked
package dev.agentsessions.database.lane.operation;

import org.jspecify.annotations.NullMarked;
