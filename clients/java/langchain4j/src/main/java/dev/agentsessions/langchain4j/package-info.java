/**
 * The chat memory of LangChain4j in an Agent Session Store.
 */
@NullMarked
package dev.agentsessions.langchain4j;

import org.jspecify.annotations.NullMarked;
