@NullMarked
package dev.agentsessions.search.text;

import org.jspecify.annotations.NullMarked;
