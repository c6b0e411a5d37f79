/**
 * API keys: a file of their hashes, and the command that makes one.
 */
@NullMarked
package dev.agentsessions.access.key;

import org.jspecify.annotations.NullMarked;
