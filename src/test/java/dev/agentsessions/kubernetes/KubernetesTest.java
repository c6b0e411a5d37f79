package dev.agentsessions.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.error.YAMLException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What must agree between the manifests of the base, and with the service.
 */
class KubernetesTest {

	private static final String STORE = "agent-session-store";

	private final Manifests base = Manifests.read("k8s/base");

	private final JsonNode pod = this.base.the("Deployment", STORE).at("/spec/template/spec");

	private final JsonNode container = this.pod.at("/containers/0");

	private final Map<String, String> settings = Manifests.texts(this.base.the("ConfigMap", STORE).path("data"));

	@Test
	void everyFieldOfEveryManifestIsKnown() {
		List<JsonNode> objects = Manifests.read("k8s")
			.all()
			.stream()
			.filter((object) -> object.has("kind") && !object.path("kind").stringValue().equals("Kustomization"))
			.toList();
		assertThat(objects).hasSizeGreaterThan(20).allSatisfy(KnownFields::check);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{kind: Service, apiVersion: v1, spec: {port: 80}}",
			"{kind: ConfigMap, apiVersion: v1, data: {SERVER_PORT: 8080}}",
			"{kind: Job, apiVersion: batch/v1, spec: {backoffLimit: '5'}}",
			"{kind: Cluster, apiVersion: postgresql.cnpg.io/v1, spec: {postgresql: {synchronous: {quorum: true}}}}",
			"{kind: ServiceMonitor, apiVersion: monitoring.coreos.com/v1, spec: {endpoint: []}}",
			"{kind: Deployment, apiVersion: apps/v2}" })
	void aFieldThatIsMisspeltIsNoticed(String object) {
		JsonNode parsed = Manifests.parse(object).get(0);
		assertThatThrownBy(() -> KnownFields.check(parsed)).isInstanceOfAny(JacksonException.class,
				IllegalArgumentException.class);
	}

	@Test
	void aKeyThatIsThereTwiceIsNoticed() {
		assertThatExceptionOfType(YAMLException.class).isThrownBy(() -> Manifests.parse("a: 1\na: 2"));
	}

	@Test
	void everyFileOfTheBaseIsUsed() throws IOException {
		JsonNode kustomization = this.base.all()
			.stream()
			.filter((object) -> object.path("kind").stringValue("").equals("Kustomization"))
			.findFirst()
			.orElseThrow();
		Set<String> files;
		try (var list = Files.list(Path.of("k8s/base"))) {
			files = list.map((file) -> file.getFileName().toString())
				.filter((name) -> !name.equals("kustomization.yaml"))
				.collect(Collectors.toSet());
		}
		assertThat(kustomization.path("resources").valueStream().map(JsonNode::stringValue)).hasSameElementsAs(files);
	}

	@Test
	void portsAgree() {
		Map<String, Integer> ports = Map.of("http", port("http"), "management", port("management"));
		assertThat(ports).isEqualTo(Map.of("http", Integer.valueOf(this.settings.get("SERVER_PORT")), "management",
				Integer.valueOf(this.settings.get("MANAGEMENT_SERVER_PORT"))));
		JsonNode service = this.base.the("Service", STORE).path("spec");
		assertThat(service.path("ports").valueStream().map((port) -> port.path("targetPort").stringValue()))
			.containsExactlyInAnyOrderElementsOf(ports.keySet());
		assertThat(this.base.the("NetworkPolicy", STORE).findValues("port")).extracting(JsonNode::stringValue)
			.containsExactlyInAnyOrderElementsOf(ports.keySet());
	}

	@Test
	void theImageAndComposeHaveTheSamePorts() throws IOException {
		String http = this.settings.get("SERVER_PORT");
		String management = this.settings.get("MANAGEMENT_SERVER_PORT");
		assertThat(Files.readString(Path.of("Dockerfile"))).contains("EXPOSE " + http + " " + management,
				"MANAGEMENT_SERVER_PORT=" + management);
		JsonNode store = compose();
		assertThat(store.at("/environment/MANAGEMENT_SERVER_PORT").intValue()).isEqualTo(Integer.valueOf(management));
		assertThat(store.path("ports").valueStream().map(JsonNode::stringValue))
			.containsExactlyInAnyOrder("127.0.0.1:" + http + ":" + http, "127.0.0.1:" + management + ":" + management);
		assertThat(store.at("/healthcheck/test").toString()).contains("/dev/tcp/127.0.0.1/" + http, "GET /readyz ");
	}

	@Test
	void fromOutsideOnlyTheApiIsReached() {
		JsonNode port = Manifests.named("http", this.base.the("Service", STORE).at("/spec/ports"));
		JsonNode ingress = Manifests.read("k8s/ingress").the("Ingress", STORE).at("/spec/rules/0/http/paths");
		assertThat(ingress).hasSize(1);
		assertThat(ingress.at("/0/backend/service").toString())
			.isEqualTo("{\"name\":\"agent-session-store\",\"port\":{\"name\":\"http\"}}");
		JsonNode route = Manifests.read("k8s/httproute").the("HTTPRoute", STORE).path("spec");
		assertThat(route.findValues("backendRefs")).hasSize(1);
		assertThat(route.at("/rules/0/backendRefs").toString())
			.isEqualTo("[{\"name\":\"agent-session-store\",\"port\":" + port.path("port") + "}]");
	}

	@Test
	void onTheWayInStreamsAreNeitherBufferedNorCutOff() {
		Map<String, String> nginx = Manifests
			.texts(Manifests.read("k8s/ingress").the("Ingress", STORE).at("/metadata/annotations"));
		String prefix = "nginx.ingress.kubernetes.io/proxy-";
		assertThat(nginx).containsEntry(prefix + "buffering", "off")
			.containsEntry(prefix + "request-buffering", "off")
			.containsEntry(prefix + "body-size", "0");
		// seconds between two heartbeats of a tail
		assertThat(Integer.parseInt(nginx.get(prefix + "read-timeout"))).isGreaterThan(15);
		assertThat(Manifests.read("k8s/httproute")
			.the("HTTPRoute", STORE)
			.at("/spec/rules/0/timeouts/request")
			.stringValue()).isEqualTo("0s");
	}

	@Test
	void namesAreFoundWhereverTheClusterHasThem() {
		assertThat(this.base.the("NetworkPolicy", STORE + "-egress").at("/spec/egress").toString())
			.isEqualTo("[{\"ports\":[{\"port\":53,\"protocol\":\"UDP\"},{\"port\":53,\"protocol\":\"TCP\"}]}]");
	}

	@Test
	void imagesComeFromARegistryThatAsksWhoPulls() {
		JsonNode account = this.base.the("ServiceAccount", STORE);
		assertThat(account.at("/imagePullSecrets/0/name").stringValue()).isEqualTo(STORE + "-registry");
		assertThat(this.base.podTemplates()).hasSize(2)
			.allMatch((template) -> template.at("/spec/serviceAccountName").stringValue("").equals(STORE));
	}

	@Test
	void selectorsChooseTheService() {
		JsonNode labels = this.base.the("Deployment", STORE).at("/spec/template/metadata/labels");
		List<JsonNode> selectors = List.of(this.base.the("Deployment", STORE).at("/spec/selector/matchLabels"),
				this.base.the("Service", STORE).at("/spec/selector"),
				this.base.the("PodDisruptionBudget", STORE).at("/spec/selector/matchLabels"),
				this.base.the("NetworkPolicy", STORE).at("/spec/podSelector/matchLabels"),
				this.pod.at("/topologySpreadConstraints/0/labelSelector/matchLabels"));
		assertThat(selectors).allMatch(labels::equals);
		JsonNode migration = this.base.the("Job", STORE + "-migration").at("/spec/template/metadata/labels");
		assertThat(migration).isNotEqualTo(labels);
		assertThat(this.base.the("HorizontalPodAutoscaler", STORE).at("/spec/scaleTargetRef/name").stringValue())
			.isEqualTo(STORE);
	}

	@Test
	void probesAskForHealthWhereItIs() {
		assertThat(probe("startupProbe")).isEqualTo("/livez http");
		assertThat(probe("livenessProbe")).isEqualTo("/livez http");
		assertThat(probe("readinessProbe")).isEqualTo("/readyz http");
	}

	@Test
	void thereIsTimeToEndWhatIsUnderWay() throws IOException {
		JsonNode lifecycle = Manifests.parse(Files.readString(Path.of("src/main/resources/application.yaml")))
			.get(0)
			.at("/spring/lifecycle/timeout-per-shutdown-phase");
		int drain = Integer.parseInt(lifecycle.stringValue().replace("s", ""));
		int beforeIt = this.container.at("/lifecycle/preStop/sleep/seconds").intValue();
		// the management server and the main one, what retention has under way, the lanes
		int longest = 2 * drain + 6 + 5;
		assertThat(this.pod.path("terminationGracePeriodSeconds").intValue()).isGreaterThan(beforeIt + longest);
		String compose = compose().path("stop_grace_period").stringValue();
		assertThat(Integer.parseInt(compose.replace("s", ""))).isGreaterThan(longest);
	}

	@Test
	void aRolloutTakesNothingAway() {
		JsonNode rollout = this.base.the("Deployment", STORE).at("/spec/strategy/rollingUpdate");
		assertThat(rollout.path("maxUnavailable").intValue(-1)).isZero();
		assertThat(rollout.path("maxSurge").intValue()).isPositive();
	}

	@Test
	void onlyTheJobChangesTheTables() {
		assertThat(environment(this.container)).containsEntry("SPRING_LIQUIBASE_ENABLED", "false");
		JsonNode job = this.base.the("Job", STORE + "-migration").at("/spec/template/spec/containers/0");
		assertThat(environment(job)).containsEntry("JAVA_TOOL_OPTIONS", "-Dspring.context.exit=onRefresh")
			.containsEntry("SERVER_ADDRESS", "127.0.0.1")
			.doesNotContainKey("SPRING_LIQUIBASE_ENABLED");
		assertThat(job.path("image")).isEqualTo(this.container.path("image"));
	}

	@Test
	void theJobIsThereUntilThatOfAnotherVersionReplacesIt() {
		JsonNode job = this.base.the("Job", STORE + "-migration");
		assertThat(job.path("spec").has("ttlSecondsAfterFinished")).isFalse();
		assertThat(Manifests.texts(job.at("/metadata/annotations"))).containsEntry("argocd.argoproj.io/hook", "Sync")
			.containsEntry("argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation")
			.containsEntry("kustomize.toolkit.fluxcd.io/force", "enabled");
	}

	@Test
	void theJobWaitsAnHourForItsDatabase() {
		JsonNode spec = this.base.the("Job", STORE + "-migration").path("spec");
		int tries = spec.path("backoffLimit").intValue();
		// how long the longest pause is depends on the version of Kubernetes
		assertThat(pauses(tries, 360)).isGreaterThanOrEqualTo(3600);
		// and what Liquibase waits for a lock
		assertThat(spec.path("activeDeadlineSeconds").intValue()).isGreaterThan(pauses(tries, 600) + 300);
	}

	@Test
	void theKeysAreWhereTheyAreLookedFor() {
		JsonNode mount = Manifests.named("keys", this.container.path("volumeMounts"));
		assertThat(this.settings).containsEntry("STORE_ACCESS_MODE", "api-key")
			.containsEntry("STORE_ACCESS_KEYS_FILE", mount.path("mountPath").stringValue() + "/keys");
	}

	@Test
	void theServiceListensWhereItsPodIsReached() {
		assertThat(this.settings).containsEntry("SERVER_ADDRESS", "0.0.0.0");
	}

	@Test
	void theImageIsTheOneThatIsBuilt() throws IOException {
		String dockerfile = Files.readString(Path.of("Dockerfile"));
		assertThat(dockerfile)
			.contains("USER 10001:10001", "MANAGEMENT_SERVER_PORT=8081", "EXPOSE 8080 8081", "ENTRYPOINT [\"java\"")
			.doesNotContain("HEALTHCHECK");
		assertThat(dockerfile.lines().filter((line) -> line.contains("-XX:AOTCache"))).hasSize(2)
			.allMatch((line) -> line.contains("-XX:+UseG1GC"));
		// on a large machine the heap would be one whose pointers the cache does not fit
		assertThat(dockerfile).contains("java -Xmx1g -XX:+UseG1GC -XX:AOTCacheOutput=");
		assertThat(this.pod.at("/securityContext/runAsUser").intValue()).isEqualTo(10001);
	}

	private static JsonNode compose() throws IOException {
		return Manifests.parse(Files.readString(Path.of("compose.yaml"))).get(0).at("/services/store");
	}

	private static int pauses(int tries, int longest) {
		return IntStream.range(0, tries).map((n) -> Math.min(10 << n, longest)).sum();
	}

	private int port(String name) {
		return Manifests.named(name, this.container.path("ports")).path("containerPort").intValue();
	}

	private String probe(String name) {
		JsonNode get = this.container.path(name).path("httpGet");
		return get.path("path").stringValue() + " " + get.path("port").stringValue();
	}

	private static Map<String, String> environment(JsonNode container) {
		return container.path("env")
			.valueStream()
			.filter((each) -> each.has("value"))
			.collect(Collectors.toMap((each) -> each.path("name").stringValue(),
					(each) -> each.path("value").stringValue()));
	}

}
