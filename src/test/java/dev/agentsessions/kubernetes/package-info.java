/**
 * The manifests of <code>k8s/</code>, held together.
 */
@NullMarked
package dev.agentsessions.kubernetes;

import org.jspecify.annotations.NullMarked;
