/**
 * Views: what of a log a model sees, and how that is changed.
 */
@NullMarked
package dev.agentsessions.view;

import org.jspecify.annotations.NullMarked;
