/**
 * Keyset paging: opaque cursors, the list answer and its Link header (RFC 8288).
 */
@NullMarked
package dev.agentsessions.paging;

import org.jspecify.annotations.NullMarked;
