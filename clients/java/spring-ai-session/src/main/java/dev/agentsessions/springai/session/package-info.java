/**
 * The sessions of Spring AI Session in an Agent Session Store.
 */
@NullMarked
package dev.agentsessions.springai.session;

import org.jspecify.annotations.NullMarked;
