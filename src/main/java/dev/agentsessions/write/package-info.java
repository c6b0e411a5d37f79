/**
 * The one way anything is written. What is to be done to a session is a value; the values
 * of many callers are decided on in memory, under the locks of their sessions, and
 * written in one statement.
 */
@NullMarked
package dev.agentsessions.write;

import org.jspecify.annotations.NullMarked;
