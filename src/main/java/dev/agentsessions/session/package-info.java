/**
 * Sessions: create, list, load, delete, restore, statistics, and the lock every write to
 * a session starts with.
 */
@NullMarked
package dev.agentsessions.session;

import org.jspecify.annotations.NullMarked;
