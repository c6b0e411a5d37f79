package dev.agentsessions;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.PathContainer;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Holds answers of the running service against <code>openapi.yaml</code>. Hand
 * {@link #consumer()} to a <code>WebTestClient</code> and every test checks the contract.
 * May be shared between threads.
 */
public final class OpenApiConformance {

	static final JsonNode DOCUMENT = load();

	// the most specific first
	private static final List<PathPattern> PATHS = names(DOCUMENT.path("paths")).stream()
		.map(PathPatternParser.defaultInstance::parse)
		.sorted()
		.toList();

	/** The store takes names of any length that a message has room for. */
	private static final JsonFactory FACTORY = JsonFactory.builder()
		.streamReadConstraints(StreamReadConstraints.builder().maxNameLength(Integer.MAX_VALUE).build())
		.build();

	private final ObjectMapper json = new ObjectMapper(FACTORY).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
		.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

	private final SchemaRegistry registry = SchemaRegistry.withDialect(
			Dialect.builder(Dialects.getDraft202012()).keyword(new NonValidationKeyword("components")).build(),
			(registry) -> registry
				.schemaRegistryConfig(SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

	private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

	private static JsonNode load() {
		try (InputStream yaml = OpenApiConformance.class.getResourceAsStream("/openapi.yaml")) {
			return new YAMLMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).readTree(yaml);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** The names of the query parameters of an operation. */
	Set<String> queryParameters(String method, String path) {
		Set<String> names = new TreeSet<>();
		for (JsonNode parameter : DOCUMENT.path("paths")
			.path(path)
			.path(method.toLowerCase(Locale.ROOT))
			.path("parameters")) {
			JsonNode resolved = parameter.has("$ref") ? DOCUMENT.at(parameter.path("$ref").asText().substring(1))
					: parameter;
			if (resolved.path("in").asText().equals("query")) {
				names.add(resolved.path("name").asText());
			}
		}
		return names;
	}

	/**
	 * Every operation, such as <code>GET /v1/sessions/{session_id}</code>.
	 */
	public Set<String> operations() {
		Set<String> operations = new TreeSet<>();
		DOCUMENT.path("paths")
			.forEachEntry((path, methods) -> Stream.of(HttpMethod.values())
				.map(HttpMethod::name)
				.filter((method) -> methods.has(method.toLowerCase(Locale.ROOT)))
				.forEach((method) -> operations.add(method + " " + path)));
		return operations;
	}

	/**
	 * Whether the document lets this JSON be sent.
	 * @param operation such as <code>PUT /v1/sessions/{session_id}/history</code>
	 */
	public boolean takes(String operation, String json) throws JsonProcessingException {
		String[] methodAndPath = operation.split(" ");
		JsonNode schema = DOCUMENT.path("paths")
			.path(methodAndPath[1])
			.path(methodAndPath[0].toLowerCase(Locale.ROOT))
			.at("/requestBody/content/application~1json/schema");
		if (schema.isMissingNode()) {
			throw new IllegalArgumentException(operation + " takes no JSON");
		}
		return this.schemas.computeIfAbsent(schema, this::compile)
			.validate(this.json.readValue(json, JsonNode.class))
			.isEmpty();
	}

	/**
	 * Checks every exchange whose body a <code>WebTestClient</code> reads as a whole.
	 */
	public Consumer<EntityExchangeResult<?>> consumer() {
		return (result) -> check(result.getMethod(), result.getUrl(), result.getStatus(), result.getResponseHeaders(),
				result.getResponseBodyContent());
	}

	/**
	 * Checks one exchange.
	 * @throws AssertionError if the document does not describe it
	 */
	public void check(HttpMethod method, URI uri, HttpStatusCode status, HttpHeaders responseHeaders,
			byte @Nullable [] responseBody) {
		Exchange exchange = new Exchange(method, uri, status.value(), responseHeaders,
				(responseBody != null) ? responseBody : new byte[0]);
		JsonNode response = response(exchange);
		response.path("headers").forEachEntry((name, header) -> checkHeader(exchange, name, resolve(header)));
		if (response.has("content")) {
			checkContent(exchange, response.path("content"));
		}
		else if (exchange.body().length > 0) {
			throw exchange.failure("the document has no body here");
		}
	}

	private static JsonNode response(Exchange exchange) {
		JsonNode operation = path(exchange.uri().getRawPath()).path(exchange.documentedMethod());
		if (operation.isMissingNode()) {
			return responseOfNoOperation(exchange);
		}
		JsonNode responses = operation.path("responses");
		if (!responses.has(String.valueOf(exchange.status()))) {
			throw exchange.failure("the document lists other statuses: " + names(responses));
		}
		return resolve(responses.path(String.valueOf(exchange.status())));
	}

	// the two that any path may answer with
	private static JsonNode responseOfNoOperation(Exchange exchange) {
		return switch (exchange.status()) {
			case 404 -> DOCUMENT.at("/components/responses/NotFound");
			case 405 -> DOCUMENT.at("/components/responses/MethodNotAllowed");
			default -> throw exchange.failure("the document has no such path and method");
		};
	}

	// matches as the routes do, on the raw path: a session id may hold an encoded slash
	private static JsonNode path(String rawPath) {
		PathContainer path = PathContainer.parsePath(rawPath);
		Stream<PathPattern> matching = PATHS.stream().filter((pattern) -> pattern.matches(path));
		return DOCUMENT.path("paths").path(matching.map(PathPattern::getPatternString).findFirst().orElse(""));
	}

	private void checkHeader(Exchange exchange, String name, JsonNode header) {
		String value = exchange.headers().getFirst(name);
		if (value != null) {
			boolean text = header.at("/schema/type").asText().equals("string");
			JsonNode json = text ? TextNode.valueOf(value) : parse(exchange, name, value);
			validate(exchange, name, header.path("schema"), json);
		}
		else if (header.path("required").asBoolean()) {
			throw exchange.failure("the header " + name + " is missing");
		}
	}

	private void checkContent(Exchange exchange, JsonNode content) {
		MediaType type = exchange.headers().getContentType();
		if (type == null && exchange.isHead()) {
			return;
		}
		String documented = names(content).stream()
			.filter((name) -> MediaType.parseMediaType(name).equalsTypeAndSubtype(type))
			.findFirst()
			.orElseThrow(
					() -> exchange.failure("its Content-Type is " + type + ", the document lists " + names(content)));
		if (!exchange.isHead()) {
			checkBody(exchange, MediaType.parseMediaType(documented), content.path(documented).path("schema"));
		}
	}

	private void checkBody(Exchange exchange, MediaType type, JsonNode schema) {
		if (type.equals(MediaType.APPLICATION_NDJSON)) {
			int number = 0;
			for (String line : exchange.text().lines().toList()) {
				String where = "line " + ++number;
				validate(exchange, where, schema, parse(exchange, where, line));
			}
		}
		else if (type.getSubtype().equals("json") || type.getSubtype().endsWith("+json")) {
			JsonNode body = parse(exchange, "body", exchange.text());
			validate(exchange, "body", schema, body);
			if (type.equals(MediaType.APPLICATION_PROBLEM_JSON) && body.path("status").asInt() != exchange.status()) {
				throw exchange.failure("the problem has another status than the answer");
			}
		}
	}

	private JsonNode parse(Exchange exchange, String what, String text) {
		try {
			return this.json.readValue(text, JsonNode.class);
		}
		catch (JsonProcessingException ex) {
			throw exchange.failure(what + ": is not JSON: " + ex.getMessage());
		}
	}

	private void validate(Exchange exchange, String what, JsonNode schema, JsonNode value) {
		List<Error> errors = this.schemas.computeIfAbsent(schema, this::compile).validate(value);
		if (!errors.isEmpty()) {
			throw exchange.failure(errors.stream()
				.map((error) -> what + " " + error.getInstanceLocation() + ": " + error.getMessage())
				.collect(Collectors.joining("\n  ")));
		}
	}

	// with the components, because references are resolved inside the schema itself
	private Schema compile(JsonNode schema) {
		ObjectNode root = schema.deepCopy();
		root.set("components", DOCUMENT.path("components"));
		return this.registry.getSchema(root);
	}

	private static JsonNode resolve(JsonNode node) {
		return node.has("$ref") ? DOCUMENT.at(node.path("$ref").asText().substring(1)) : node;
	}

	private static List<String> names(JsonNode node) {
		return node.propertyStream().map(Map.Entry::getKey).toList();
	}

	private record Exchange(HttpMethod method, URI uri, int status, HttpHeaders headers, byte[] body) {

		boolean isHead() {
			return this.method.equals(HttpMethod.HEAD);
		}

		// HEAD is not listed: it is what GET is, without a body
		String documentedMethod() {
			return isHead() ? "get" : this.method.name().toLowerCase(Locale.ROOT);
		}

		String text() {
			try {
				return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(this.body)).toString();
			}
			catch (CharacterCodingException ex) {
				throw failure("the body is not UTF-8");
			}
		}

		AssertionError failure(String reason) {
			return new AssertionError("%s %s answered %d, which is not what openapi.yaml says:%n  %s%n%.2000s"
				.formatted(this.method, this.uri, this.status, reason, new String(this.body, StandardCharsets.UTF_8)));
		}

	}

}
