/**
 * Messages, and what a model sees of them.
 */
@NullMarked
package dev.agentsessions.client.message;

import org.jspecify.annotations.NullMarked;
