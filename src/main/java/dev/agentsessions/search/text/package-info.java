/**
 * Text as it is searched: cut into words by one code, whether it is stored or asked for,
 * so that what is found is what contains it.
 */
@NullMarked
package dev.agentsessions.search.text;

import org.jspecify.annotations.NullMarked;
