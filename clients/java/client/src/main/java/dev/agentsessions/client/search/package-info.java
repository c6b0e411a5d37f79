/**
 * Messages by their words.
 */
@NullMarked
package dev.agentsessions.client.search;

import org.jspecify.annotations.NullMarked;
