package dev.agentsessions.erasure;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is to be forgotten. One of the two is there until all of it is out of reach; then
 * neither, for a receipt has no names.
 *
 * @param owner whose sessions
 * @param sessionIds which sessions; those that are not there are passed over
 */
record ErasureTarget(@Nullable String owner, @Nullable List<String> sessionIds) {
}
