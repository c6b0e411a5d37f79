@NullMarked
package dev.agentsessions.search.index;

import org.jspecify.annotations.NullMarked;
