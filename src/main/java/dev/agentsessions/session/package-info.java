/**
 * Sessions: their names and rows, and how they are looked up.
 */
@NullMarked
package dev.agentsessions.session;

import org.jspecify.annotations.NullMarked;
