/**
 * Erasures and their receipts.
 */
@NullMarked
package dev.agentsessions.erasure;

import org.jspecify.annotations.NullMarked;
