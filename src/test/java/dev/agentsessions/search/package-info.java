@NullMarked
package dev.agentsessions.search;

import org.jspecify.annotations.NullMarked;
