/**
 * What fits a model: the newest messages of a view, with every tool call beside its
 * results.
 */
@NullMarked
package dev.agentsessions.message.context;

import org.jspecify.annotations.NullMarked;
