/**
 * One connection as it is used: requests, answers, and how long each may take.
 */
@NullMarked
package dev.agentsessions.connection.exchange;

import org.jspecify.annotations.NullMarked;
