/**
 * The commands that move data in and out, their arguments, and what they print.
 */
@NullMarked
package dev.agentsessions.transfer.command;

import org.jspecify.annotations.NullMarked;
