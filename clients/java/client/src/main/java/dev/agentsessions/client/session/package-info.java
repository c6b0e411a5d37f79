/**
 * Sessions as people find them, and how they are forgotten.
 */
@NullMarked
package dev.agentsessions.client.session;

import org.jspecify.annotations.NullMarked;
