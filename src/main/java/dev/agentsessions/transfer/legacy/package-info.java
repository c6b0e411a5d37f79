/**
 * The databases of the older service, in both of their layouts.
 */
@NullMarked
package dev.agentsessions.transfer.legacy;

import org.jspecify.annotations.NullMarked;
