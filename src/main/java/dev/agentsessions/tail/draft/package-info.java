/**
 * Messages that are followed while they are being written.
 */
@NullMarked
package dev.agentsessions.tail.draft;

import org.jspecify.annotations.NullMarked;
