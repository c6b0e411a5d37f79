/**
 * Forgetting: the sessions of an owner, or some that are named, are removed for good, and
 * a receipt says when nothing of them is left.
 */
@NullMarked
package dev.agentsessions.erasure;

import org.jspecify.annotations.NullMarked;
