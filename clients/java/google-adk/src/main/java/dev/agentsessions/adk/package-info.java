/**
 * The sessions of Google's Agent Development Kit in an Agent Session Store.
 */
@NullMarked
package dev.agentsessions.adk;

import org.jspecify.annotations.NullMarked;
