/**
 * HTTP/1 to the letter, and the handlers that every connection gets.
 */
@NullMarked
package dev.agentsessions.connection.http;

import org.jspecify.annotations.NullMarked;
