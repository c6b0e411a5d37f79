/**
 * Tokens of an identity provider (JWT), whose keys are fetched and renewed.
 */
@NullMarked
package dev.agentsessions.access.token;

import org.jspecify.annotations.NullMarked;
