package dev.agentsessions.kubernetes;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What must agree in the overlays, as kubectl renders them.
 */
class OverlaysTest {

	private static final String STORE = "agent-session-store";

	@ParameterizedTest
	@ValueSource(strings = { "dev", "prod" })
	void everyPodIsRestricted(String overlay) {
		List<JsonNode> templates = rendered(overlay).podTemplates();
		assertThat(templates).hasSizeGreaterThanOrEqualTo(2).allSatisfy((template) -> {
			JsonNode spec = template.path("spec");
			assertThat(spec.path("automountServiceAccountToken").booleanValue(true)).isFalse();
			assertThat(spec.at("/securityContext/runAsNonRoot").booleanValue(false)).isTrue();
			assertThat(spec.at("/securityContext/seccompProfile/type").stringValue("")).isEqualTo("RuntimeDefault");
			assertThat(spec.path("containers")).isNotEmpty().allSatisfy((each) -> {
				JsonNode security = each.path("securityContext");
				assertThat(security.path("allowPrivilegeEscalation").booleanValue(true)).isFalse();
				assertThat(security.path("readOnlyRootFilesystem").booleanValue(false)).isTrue();
				assertThat(security.at("/capabilities/drop/0").stringValue("")).isEqualTo("ALL");
				assertThat(each.at("/resources/requests/cpu").isMissingNode()).isFalse();
				assertThat(each.at("/resources/limits/memory")).isEqualTo(each.at("/resources/requests/memory"));
			});
		});
	}

	@Test
	void inProductionThereAreConnectionsForAllReplicas() {
		Manifests prod = rendered("prod");
		int replicas = prod.the("HorizontalPodAutoscaler", STORE).at("/spec/maxReplicas").intValue();
		int limit = Integer.parseInt(prod.the("Cluster", STORE + "-database")
			.at("/spec/postgresql/parameters/max_connections")
			.stringValue());
		// one more replica during a rollout, the migration, and some for people and
		// operators
		assertThat((replicas + 2) * connections(prod) + 20).isLessThan(limit);
	}

	@Test
	void inDevelopmentThereAreConnectionsForAllReplicas() {
		Manifests dev = rendered("dev");
		assertThat(dev.the("Deployment", STORE).at("/spec/replicas").intValue()).isEqualTo(1);
		assertThat(dev.the("StatefulSet", "postgresql").at("/spec/template/spec/containers/0/args/1").stringValue())
			.isEqualTo("max_connections=100");
		assertThat(3 * connections(dev) + 20).isLessThan(100);
	}

	@Test
	void inProductionACommitIsOnTwoInstancesInDifferentZones() {
		JsonNode cluster = rendered("prod").the("Cluster", STORE + "-database").path("spec");
		assertThat(cluster.path("instances").intValue()).isEqualTo(3);
		JsonNode synchronous = cluster.at("/postgresql/synchronous");
		assertThat(synchronous.path("method").stringValue()).isEqualTo("any");
		assertThat(synchronous.path("number").intValue()).isEqualTo(1);
		assertThat(synchronous.path("dataDurability").stringValue()).isEqualTo("required");
		assertThat(synchronous.path("failoverQuorum").booleanValue(false)).isTrue();
		assertThat(cluster.at("/affinity/podAntiAffinityType").stringValue()).isEqualTo("required");
	}

	@Test
	void inProductionBothPodsConnectAsTheOperatorSays() {
		Manifests prod = rendered("prod");
		for (JsonNode each : List.of(prod.the("Deployment", STORE), prod.the("Job", STORE + "-migration"))) {
			JsonNode url = each.at("/spec/template/spec/containers/0/env/0");
			assertThat(url.path("name").stringValue()).isEqualTo("DATABASE_URL");
			assertThat(url.at("/valueFrom/secretKeyRef/name").stringValue()).isEqualTo(STORE + "-database-app");
		}
	}

	@Test
	void inProductionMetricsAreCollectedFromThePortThatHasThem() {
		Manifests prod = rendered("prod");
		JsonNode monitor = prod.the("ServiceMonitor", STORE).path("spec");
		assertThat(monitor.at("/endpoints/0/port").stringValue()).isEqualTo("management");
		Map<String, String> labels = Manifests.texts(prod.the("Service", STORE).at("/metadata/labels"));
		assertThat(labels).containsAllEntriesOf(Manifests.texts(monitor.at("/selector/matchLabels")));
	}

	private static Manifests rendered(String overlay) {
		assumeTrue(Manifests.canRender(), "needs kubectl");
		return Manifests.render("k8s/overlays/" + overlay);
	}

	private static int connections(Manifests overlay) {
		Map<String, String> settings = Manifests.texts(overlay.the("ConfigMap", STORE).path("data"));
		return Integer.parseInt(settings.get("STORE_LANES_WRITERS"))
				+ Integer.parseInt(settings.get("STORE_LANES_READERS"))
				+ Integer.parseInt(settings.get("STORE_DATABASE_POOL_SIZE"));
	}

}
