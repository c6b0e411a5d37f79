/**
 * A store of this service as source and as destination.
 */
@NullMarked
package dev.agentsessions.transfer.store;

import org.jspecify.annotations.NullMarked;
