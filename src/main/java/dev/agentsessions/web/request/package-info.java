/**
 * What a request says: path, query, conditional headers, and bodies within their limits.
 */
@NullMarked
package dev.agentsessions.web.request;

import org.jspecify.annotations.NullMarked;
