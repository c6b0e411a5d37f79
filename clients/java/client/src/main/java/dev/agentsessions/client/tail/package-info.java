/**
 * What followers of a session are told, and messages that are still being written.
 */
@NullMarked
package dev.agentsessions.client.tail;

import org.jspecify.annotations.NullMarked;
