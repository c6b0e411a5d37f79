/**
 * Messages: append, pages, history in and out, NDJSON, and the encoded form every answer
 * is made of.
 */
@NullMarked
package dev.agentsessions.message;

import org.jspecify.annotations.NullMarked;
