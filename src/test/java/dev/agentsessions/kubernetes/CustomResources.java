package dev.agentsessions.kubernetes;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/**
 * What is used of the kinds that operators bring, kept by hand: CloudNativePG 1.28, the
 * operator of Prometheus, and the Gateway API. Look up in their API references what you
 * add.
 */
final class CustomResources {

	private CustomResources() {
	}

	record Cluster(String apiVersion, String kind, ObjectMeta metadata, ClusterSpec spec) {
	}

	record ClusterSpec(int instances, String imageName, Bootstrap bootstrap, PostgreSql postgresql, Affinity affinity,
			Storage storage, Storage walStorage, ResourceRequirements resources) {
	}

	record Bootstrap(InitDb initdb) {
	}

	record InitDb(String database, String owner, String localeCollate, String localeCType) {
	}

	record PostgreSql(Map<String, String> parameters, Synchronous synchronous) {
	}

	record Synchronous(String method, int number, String dataDurability, boolean failoverQuorum) {
	}

	record Affinity(boolean enablePodAntiAffinity, String podAntiAffinityType, String topologyKey) {
	}

	record Storage(String size) {
	}

	record ServiceMonitor(String apiVersion, String kind, ObjectMeta metadata, ServiceMonitorSpec spec) {
	}

	record ServiceMonitorSpec(LabelSelector selector, List<Endpoint> endpoints) {
	}

	record PodMonitor(String apiVersion, String kind, ObjectMeta metadata, PodMonitorSpec spec) {
	}

	record PodMonitorSpec(LabelSelector selector, List<Endpoint> podMetricsEndpoints) {
	}

	record Endpoint(String port, String path, String interval, String scrapeTimeout) {
	}

	record PrometheusRule(String apiVersion, String kind, ObjectMeta metadata, PrometheusRuleSpec spec) {
	}

	record PrometheusRuleSpec(List<RuleGroup> groups) {
	}

	record RuleGroup(String name, List<Rule> rules) {
	}

	/**
	 * An alert.
	 *
	 * @param duration a keyword of Java in the manifest
	 */
	record Rule(String alert, String expr, @JsonProperty("for") String duration, Map<String, String> labels,
			Map<String, String> annotations) {
	}

	record HttpRoute(String apiVersion, String kind, ObjectMeta metadata, HttpRouteSpec spec) {
	}

	record HttpRouteSpec(List<ParentReference> parentRefs, List<String> hostnames, List<HttpRouteRule> rules) {
	}

	record ParentReference(String name, String namespace) {
	}

	record HttpRouteRule(List<BackendReference> backendRefs, Timeouts timeouts) {
	}

	record BackendReference(String name, int port) {
	}

	record Timeouts(String request) {
	}

}
