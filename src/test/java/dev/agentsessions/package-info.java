/**
 * What a running store does, seen over HTTP, on both engines; and the support for it.
 */
@NullMarked
package dev.agentsessions;

import org.jspecify.annotations.NullMarked;
