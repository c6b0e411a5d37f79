package dev.agentsessions.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Kubernetes objects, read strictly: a key that is there twice is an error.
 */
final class Manifests {

	private static final JsonMapper json = new JsonMapper();

	private final List<JsonNode> objects;

	private Manifests(List<JsonNode> objects) {
		this.objects = objects;
	}

	/** Whether overlays can be put together here. */
	static boolean canRender() {
		return Stream.of(System.getenv("PATH").split(":"))
			.anyMatch((path) -> Files.isExecutable(Path.of(path, "kubectl")));
	}

	/** What <code>kubectl kustomize</code> makes of a folder. */
	static Manifests render(String folder) {
		try {
			Process kubectl = new ProcessBuilder("kubectl", "kustomize", folder)
				.redirectError(ProcessBuilder.Redirect.INHERIT)
				.start();
			String text = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			if (!kubectl.waitFor(60, TimeUnit.SECONDS) || kubectl.exitValue() != 0) {
				throw new IllegalStateException("kubectl kustomize " + folder + " failed");
			}
			return new Manifests(parse(text));
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Everything in a folder, as it is. */
	static Manifests read(String folder) {
		try (Stream<Path> files = Files.walk(Path.of(folder))) {
			List<JsonNode> objects = new ArrayList<>();
			for (Path file : files.filter((path) -> path.toString().endsWith(".yaml")).toList()) {
				objects.addAll(parse(Files.readString(file)));
			}
			return new Manifests(objects);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static List<JsonNode> parse(String text) {
		LoaderOptions strict = new LoaderOptions();
		strict.setAllowDuplicateKeys(false);
		List<JsonNode> objects = new ArrayList<>();
		new Yaml(new SafeConstructor(strict)).loadAll(text).forEach((object) -> objects.add(json.valueToTree(object)));
		return objects;
	}

	List<JsonNode> all() {
		return this.objects;
	}

	JsonNode the(String kind, String name) {
		List<JsonNode> found = this.objects.stream()
			.filter((object) -> object.path("kind").stringValue("").equals(kind)
					&& object.at("/metadata/name").stringValue("").equals(name))
			.toList();
		if (found.size() != 1) {
			throw new AssertionError(found.size() + " objects are a " + kind + " " + name);
		}
		return found.get(0);
	}

	/** What every pod is made from. */
	List<JsonNode> podTemplates() {
		return this.objects.stream()
			.map((object) -> object.at("/spec/template"))
			.filter((template) -> template.has("spec"))
			.toList();
	}

	/** What has this name in a list. */
	static JsonNode named(String name, JsonNode list) {
		return list.valueStream()
			.filter((each) -> each.path("name").stringValue("").equals(name))
			.findFirst()
			.orElseThrow(() -> new AssertionError("nothing is named " + name));
	}

	/** An object of texts. */
	static Map<String, String> texts(JsonNode object) {
		return object.propertyStream()
			.collect(Collectors.toMap(Map.Entry::getKey, (entry) -> entry.getValue().asString()));
	}

}
