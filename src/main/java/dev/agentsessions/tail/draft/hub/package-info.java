/**
 * What this replica knows of drafts: who writes them, their text, and what of it a
 * follower has been told.
 */
@NullMarked
package dev.agentsessions.tail.draft.hub;

import org.jspecify.annotations.NullMarked;
