/**
 * What the database knows of messages that are being written: who writes each, and its
 * text for other replicas.
 */
@NullMarked
package dev.agentsessions.tail.draft.store;

import org.jspecify.annotations.NullMarked;
