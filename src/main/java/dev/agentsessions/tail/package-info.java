/**
 * Live tails: every follower gets every message once and in order, whichever replica
 * wrote it. PostgreSQL is the only truth; everything else is a hint to look.
 */
@NullMarked
package dev.agentsessions.tail;

import org.jspecify.annotations.NullMarked;
