/**
 * What the service does by itself: jobs that recur, how much a statement of theirs takes
 * on, and how everything that works in the background begins and ends with the service.
 */
@NullMarked
package dev.agentsessions.schedule;

import org.jspecify.annotations.NullMarked;
