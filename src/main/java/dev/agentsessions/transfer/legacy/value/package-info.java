/**
 * Single values as the older service wrote them, checked.
 */
@NullMarked
package dev.agentsessions.transfer.legacy.value;

import org.jspecify.annotations.NullMarked;
