/**
 * The page at <code>/console</code>, on which people look at sessions. It is scripts and
 * styles only: all that it shows it asks of the API, with the key of whoever looks.
 */
@NullMarked
package dev.agentsessions.console;

import org.jspecify.annotations.NullMarked;
