/**
 * Messages: what one is, how it is read from a request, and the encoded form that every
 * answer is made of.
 */
@NullMarked
package dev.agentsessions.message;

import org.jspecify.annotations.NullMarked;
