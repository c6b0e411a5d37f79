/**
 * The chat memory of Spring AI in an Agent Session Store.
 */
@NullMarked
package dev.agentsessions.springai;

import org.jspecify.annotations.NullMarked;
