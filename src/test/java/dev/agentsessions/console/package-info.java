/**
 * The console: its files, and what it does in a browser.
 */
@NullMarked
package dev.agentsessions.console;

import org.jspecify.annotations.NullMarked;
