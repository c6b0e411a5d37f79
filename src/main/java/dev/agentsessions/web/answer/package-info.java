/**
 * Answers of one JSON document, and of lists.
 */
@NullMarked
package dev.agentsessions.web.answer;

import org.jspecify.annotations.NullMarked;
