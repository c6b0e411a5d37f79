package dev.agentsessions.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.database.connect.DatabaseUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What must agree in the overlays, as kubectl renders them.
 */
class OverlaysIT {

	private static final String STORE = "agent-session-store";

	/** With a minor version. */
	private static final String VERSIONED = ".+:\\d+\\.\\d+.*";

	/** Metrics that other services have, too. */
	private static final Pattern OF_ANY_SERVICE = Pattern.compile("\\b(http_server|r2dbc|jvm)_\\w+");

	@ParameterizedTest
	@ValueSource(strings = { "dev", "prod", "external" })
	void everyFieldIsKnown(String overlay) {
		assertThat(rendered(overlay).all()).hasSizeGreaterThan(10).allSatisfy(KnownFields::check);
	}

	@ParameterizedTest
	@ValueSource(strings = { "dev", "prod", "external" })
	void everyPodIsRestricted(String overlay) {
		List<JsonNode> templates = rendered(overlay).podTemplates();
		assertThat(templates).hasSizeGreaterThanOrEqualTo(2).allSatisfy((template) -> {
			JsonNode spec = template.path("spec");
			assertThat(spec.path("automountServiceAccountToken").booleanValue(true)).isFalse();
			assertThat(spec.at("/securityContext/runAsNonRoot").booleanValue(false)).isTrue();
			assertThat(spec.at("/securityContext/seccompProfile/type").stringValue("")).isEqualTo("RuntimeDefault");
			assertThat(spec.path("containers")).isNotEmpty();
			assertThat(containers(spec)).allSatisfy((each) -> {
				JsonNode security = each.path("securityContext");
				assertThat(security.path("allowPrivilegeEscalation").booleanValue(true)).isFalse();
				assertThat(security.path("readOnlyRootFilesystem").booleanValue(false)).isTrue();
				assertThat(security.at("/capabilities/drop/0").stringValue("")).isEqualTo("ALL");
				assertThat(each.at("/resources/requests/cpu").isMissingNode()).isFalse();
				assertThat(each.at("/resources/limits/memory")).isEqualTo(each.at("/resources/requests/memory"));
			});
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "dev", "prod", "external" })
	void memoryIsEnoughForTheHeapAndWhatIsOutsideOfIt(String overlay) throws IOException {
		Manifests rendered = rendered(overlay);
		JsonNode container = rendered.the("Deployment", STORE).at("/spec/template/spec/containers/0");
		Map<String, String> settings = Manifests.texts(rendered.the("ConfigMap", STORE).path("data"));
		int memory = number("(\\d+)Mi", container.at("/resources/limits/memory").stringValue());
		int heap = memory * number("MaxRAMPercentage=(\\d+)", Files.readString(Path.of("Dockerfile"))) / 100;
		int buffers = number("-XX:MaxDirectMemorySize=(\\d+)m", settings.get("JAVA_TOOL_OPTIONS"));
		int tails = Integer.parseInt(settings.get("STORE_TAILS_MAX_STREAMS"));
		// classes, compiled code, threads
		assertThat(heap + buffers + 256).isLessThanOrEqualTo(memory);
		// KiB of a tail outside of the heap, and in it
		assertThat(tails * 14 / 1024).isLessThan(buffers);
		int writers = Integer.parseInt(settings.get("STORE_LANES_WRITERS"));
		int loops = number("-XX:ActiveProcessorCount=(\\d+)", settings.get("JAVA_TOOL_OPTIONS"));
		// the cache, bodies, drafts, lists
		int shares = heap / 4 + heap / 8 + heap / 8 + Math.min(64, heap / 32);
		// tails, full queues, JSON that is being read, the service by itself
		assertThat(shares + tails * 11 / 1024 + writers * 32 + loops * 85 + 50).isLessThanOrEqualTo(heap);
		assertThat(Integer.parseInt(settings.get("STORE_CONNECTIONS_MAX"))).isGreaterThan(tails);
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
	void inProductionBothPodsConnectAsTheOperatorSaysAndVerifyTheServer() {
		Manifests prod = rendered("prod");
		for (JsonNode each : List.of(prod.the("Deployment", STORE), prod.the("Job", STORE + "-migration"))) {
			JsonNode pod = each.at("/spec/template/spec");
			JsonNode uri = Manifests.named("DATABASE_URI", pod.at("/containers/0/env"));
			assertThat(uri.at("/valueFrom/secretKeyRef/name").stringValue()).isEqualTo(STORE + "-database-app");
			String url = Manifests.named("DATABASE_URL", pod.at("/containers/0/env")).path("value").stringValue();
			Map<String, String> parameters = DatabaseUrl
				.parse(url.replace("$(DATABASE_URI)", "postgresql://store:Pa55@database-rw.agent-sessions:5432/store"))
				.parameters();
			String folder = Manifests.named("database-ca", pod.at("/containers/0/volumeMounts"))
				.path("mountPath")
				.stringValue();
			assertThat(parameters).containsOnly(Map.entry("sslmode", "verify-full"),
					Map.entry("sslrootcert", folder + "/ca.crt"));
			JsonNode secret = Manifests.named("database-ca", pod.path("volumes")).path("secret");
			assertThat(secret.path("secretName").stringValue()).isEqualTo(STORE + "-database-ca");
			assertThat(secret.path("items").valueStream().map((item) -> item.path("key").stringValue()))
				.containsExactly("ca.crt");
		}
	}

	@Test
	void aVariableIsThereBeforeAnotherOneNamesIt() {
		for (JsonNode template : rendered("prod").podTemplates()) {
			List<JsonNode> variables = template.at("/spec/containers/0/env").valueStream().toList();
			assertThat(variables).extracting((each) -> each.path("name").stringValue())
				.containsSubsequence("DATABASE_URI", "DATABASE_URL");
		}
	}

	@ParameterizedTest
	@CsvSource({ "dev, app.kubernetes.io/name, postgresql", "prod, cnpg.io/cluster, agent-session-store-database" })
	void thePodsReachNamesAndTheirDatabaseOnly(String overlay, String label, String value) {
		Manifests rendered = rendered(overlay);
		JsonNode database = rendered.the("NetworkPolicy", STORE + "-to-database").at("/spec/egress");
		assertThat(database).hasSize(1);
		assertThat(Manifests.texts(database.at("/0/to/0/podSelector/matchLabels")))
			.containsOnly(Map.entry(label, value));
		assertThat(database.at("/0/ports")).extracting((port) -> port.path("port").intValue()).containsExactly(5432);
		JsonNode names = rendered.the("NetworkPolicy", STORE + "-egress").at("/spec/egress");
		assertThat(names.findValues("port")).extracting(JsonNode::intValue).containsOnly(53);
	}

	@Test
	void aDatabaseOfOnesOwnIsReachedAtItsAddress() {
		JsonNode way = rendered("external").the("NetworkPolicy", STORE + "-to-database").at("/spec/egress");
		assertThat(way).hasSize(1);
		assertThat(way.at("/0/to/0/ipBlock/cidr").stringValue()).endsWith("/32");
		assertThat(way.at("/0/ports")).extracting((port) -> port.path("port").intValue()).containsExactly(5432);
	}

	@ParameterizedTest
	@ValueSource(strings = { "dev", "prod", "external" })
	void theTablesAreMadeForAsManyBucketsAsTheServiceIsToldOf(String overlay) {
		Manifests rendered = rendered(overlay);
		JsonNode told = rendered.the("Deployment", STORE).at("/spec/template/spec/containers/0/envFrom/0/configMapRef");
		JsonNode asked = Manifests
			.named("STORE_DATABASE_BUCKETS",
					rendered.the("Job", STORE + "-migration").at("/spec/template/spec/containers/0/env"))
			.at("/valueFrom/configMapKeyRef");
		assertThat(asked.path("name").stringValue()).isEqualTo(told.path("name").stringValue());
		assertThat(asked.path("key").stringValue()).isEqualTo("STORE_DATABASE_BUCKETS");
		// it waits for the ConfigMap, rather than making the tables of one bucket
		assertThat(asked.path("optional").booleanValue(false)).isFalse();
		assertThat(Manifests.texts(rendered.the("ConfigMap", STORE).path("data")))
			.containsKey("STORE_DATABASE_BUCKETS");
	}

	@Test
	void aDatabaseOfOnesOwnIsVerifiedByTheCertificateThatIsMounted() throws IOException {
		Manifests external = rendered("external");
		Matcher documented = Pattern.compile("--from-literal=uri='(.+)'")
			.matcher(Files.readString(Path.of("docs/operations/kubernetes.md")));
		assertThat(documented.find()).isTrue();
		for (JsonNode each : List.of(external.the("Deployment", STORE), external.the("Job", STORE + "-migration"))) {
			JsonNode pod = each.at("/spec/template/spec");
			JsonNode url = Manifests.named("DATABASE_URL", pod.at("/containers/0/env")).at("/valueFrom/secretKeyRef");
			assertThat(url.path("name").stringValue() + " " + url.path("key").stringValue())
				.isEqualTo(STORE + "-database uri");
			String folder = Manifests.named("database-ca", pod.at("/containers/0/volumeMounts"))
				.path("mountPath")
				.stringValue();
			assertThat(DatabaseUrl.parse(documented.group(1)).parameters())
				.containsOnly(Map.entry("sslmode", "verify-full"), Map.entry("sslrootcert", folder + "/ca.crt"));
			assertThat(Manifests.named("database-ca", pod.path("volumes")).at("/secret/secretName").stringValue())
				.isEqualTo(STORE + "-database-ca");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "dev", "prod", "external" })
	void noPolicyAllowsEveryPortSomewhere(String overlay) {
		assertThat(rendered(overlay).all())
			.filteredOn((each) -> each.path("kind").stringValue().equals("NetworkPolicy"))
			.isNotEmpty()
			.allSatisfy((policy) -> {
				assertThat(policy.at("/spec/egress")).allMatch((rule) -> rule.has("ports"));
				assertThat(policy.at("/spec/ingress")).allMatch((rule) -> rule.has("ports") && rule.has("from"));
			});
	}

	@Test
	void inProductionMetricsAreCollectedFromThePortThatHasThem() {
		Manifests prod = rendered("prod");
		JsonNode monitor = prod.the("ServiceMonitor", STORE).path("spec");
		assertThat(monitor.at("/endpoints/0/port").stringValue()).isEqualTo("management");
		Map<String, String> labels = Manifests.texts(prod.the("Service", STORE).at("/metadata/labels"));
		assertThat(labels).containsAllEntriesOf(Manifests.texts(monitor.at("/selector/matchLabels")));
	}

	/**
	 * Skips the test where there is no kubectl, but in a build that decides, it fails.
	 */
	private static Manifests rendered(String overlay) {
		assumeTrue(Manifests.canRender() || "true".equals(System.getenv("CI")), "needs kubectl");
		return Manifests.render("k8s/overlays/" + overlay);
	}

	private static int number(String pattern, String text) {
		Matcher matcher = Pattern.compile(pattern).matcher(text);
		assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
		return Integer.parseInt(matcher.group(1));
	}

	@Test
	void inProductionTheDatabaseIsWatchedThroughThePortThatIsOpenForIt() {
		Manifests prod = rendered("prod");
		JsonNode policy = prod.the("NetworkPolicy", STORE + "-database").path("spec");
		assertThat(prod.the("PodMonitor", STORE + "-database").at("/spec/selector"))
			.isEqualTo(policy.path("podSelector"));
		assertThat(policy.findValues("port")).extracting(JsonNode::intValue).contains(9187);
	}

	@ParameterizedTest
	@ValueSource(strings = { "dev", "prod", "external" })
	void everyImageHasAVersion(String overlay) {
		assertThat(rendered(overlay).all()).flatExtracting((each) -> each.findValuesAsString("image"))
			.hasSizeGreaterThanOrEqualTo(2)
			.allMatch((image) -> image.toString().matches(VERSIONED));
		assertThat(rendered(overlay).all()).flatExtracting((each) -> each.findValuesAsString("imageName"))
			.allMatch((image) -> image.toString().matches(VERSIONED));
	}

	@Test
	void inProductionAlertsKnowTheServiceAndItsLimits() {
		Manifests prod = rendered("prod");
		Map<String, String> settings = Manifests.texts(prod.the("ConfigMap", STORE).path("data"));
		Map<String, String> queries = prod.the("PrometheusRule", STORE)
			.at("/spec/groups/0/rules")
			.valueStream()
			.collect(Collectors.toMap((rule) -> rule.path("alert").stringValue().replace("AgentSessionStore", ""),
					(rule) -> rule.path("expr").stringValue()));
		String namespace = prod.the("Deployment", STORE).at("/metadata/namespace").stringValue();
		assertThat(queries.get("Absent")).contains("namespace=\"" + namespace + "\", job=\"" + STORE + "\"");
		assertThat(queries.values()).filteredOn((query) -> OF_ANY_SERVICE.matcher(query).find())
			.hasSizeGreaterThan(3)
			.allMatch((query) -> OF_ANY_SERVICE.matcher(query).results().count() == query.split("job=\"" + STORE).length
					- 1);
		assertThat(10 * number("> (\\d+)$", queries.get("TailsNearLimit")))
			.isEqualTo(9 * Integer.parseInt(settings.get("STORE_TAILS_MAX_STREAMS")));
		assertThat(10 * number("> (\\d+)$", queries.get("ConnectionsNearLimit")))
			.isEqualTo(9 * Integer.parseInt(settings.get("STORE_CONNECTIONS_MAX")));
	}

	private static Stream<JsonNode> containers(JsonNode pod) {
		return Stream.of("initContainers", "containers").flatMap((kind) -> pod.path(kind).valueStream());
	}

	private static int connections(Manifests overlay) {
		Map<String, String> settings = Manifests.texts(overlay.the("ConfigMap", STORE).path("data"));
		// the last two are for wake-ups and for /readyz
		return Integer.parseInt(settings.get("STORE_LANES_WRITERS"))
				+ Integer.parseInt(settings.get("STORE_LANES_READERS"))
				+ Integer.parseInt(settings.get("STORE_DATABASE_POOL_SIZE")) + 2; // for
																					// wake-ups
																					// and
																					// /readyz
	}

}
