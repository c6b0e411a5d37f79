/**
 * Pages of a log.
 */
@NullMarked
package dev.agentsessions.message.page;

import org.jspecify.annotations.NullMarked;
