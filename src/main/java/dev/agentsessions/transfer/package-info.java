/**
 * Moving in and out: the databases of the older service, and whole stores as NDJSON. It
 * runs as a command in a process of its own, where waiting for a database holds up
 * nobody: this is the one package that speaks JDBC.
 */
@NullMarked
package dev.agentsessions.transfer;

import org.jspecify.annotations.NullMarked;
