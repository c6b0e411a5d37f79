/**
 * Keyset paging: opaque cursors, ids of rows as clients may see them, the list answer and
 * its Link header (RFC 8288).
 */
@NullMarked
package dev.agentsessions.paging;

import org.jspecify.annotations.NullMarked;
