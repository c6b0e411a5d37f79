/**
 * A whole store as NDJSON, sealed so that a part of it is noticed.
 */
@NullMarked
package dev.agentsessions.transfer.archive;

import org.jspecify.annotations.NullMarked;
