/**
 * Agent contexts and switches over HTTP.
 */
@NullMarked
package dev.agentsessions.agent.context;

import org.jspecify.annotations.NullMarked;
