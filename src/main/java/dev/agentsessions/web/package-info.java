/**
 * HTTP without a feature in it: paths and methods, strict JSON in, query parameters,
 * conditional headers, NDJSON.
 */
@NullMarked
package dev.agentsessions.web;

import org.jspecify.annotations.NullMarked;
