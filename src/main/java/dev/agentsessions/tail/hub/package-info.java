/**
 * What this replica knows of the sessions that somebody follows, and who follows them.
 */
@NullMarked
package dev.agentsessions.tail.hub;

import org.jspecify.annotations.NullMarked;
