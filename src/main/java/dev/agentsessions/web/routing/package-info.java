/**
 * Which resource a request is for, which methods it has, and the ports they are served
 * at.
 */
@NullMarked
package dev.agentsessions.web.routing;

import org.jspecify.annotations.NullMarked;
