/**
 * The session store for AI agents: each package below this one is a feature.
 */
@NullMarked
package dev.agentsessions;

import org.jspecify.annotations.NullMarked;
