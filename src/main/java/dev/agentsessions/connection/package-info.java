/**
 * Connections: how many there may be, and how long a client may take to send, to receive,
 * and to say nothing.
 */
@NullMarked
package dev.agentsessions.connection;

import org.jspecify.annotations.NullMarked;
