/**
 * Writes of many callers as one short transaction: lock and read, decide in memory,
 * write.
 */
@NullMarked
package dev.agentsessions.write.batch;

import org.jspecify.annotations.NullMarked;
