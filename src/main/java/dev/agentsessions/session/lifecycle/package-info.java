/**
 * Sessions as a whole: create, list, load, change, delete, restore, statistics.
 */
@NullMarked
package dev.agentsessions.session.lifecycle;

import org.jspecify.annotations.NullMarked;
