/**
 * Moving in and out, as the commands do it.
 */
@NullMarked
package dev.agentsessions.transfer;

import org.jspecify.annotations.NullMarked;
