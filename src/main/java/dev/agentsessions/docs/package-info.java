/**
 * The OpenAPI document at <code>/openapi.yaml</code> and a page that shows it at
 * <code>/docs</code>.
 */
@NullMarked
package dev.agentsessions.docs;

import org.jspecify.annotations.NullMarked;
