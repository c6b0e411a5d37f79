/**
 * Search in what was said: the newest messages that contain some words.
 */
@NullMarked
package dev.agentsessions.search;

import org.jspecify.annotations.NullMarked;
