/**
 * Reading a log: the cache of encoded messages, and ranges from the database behind it.
 */
@NullMarked
package dev.agentsessions.message.log;

import org.jspecify.annotations.NullMarked;
