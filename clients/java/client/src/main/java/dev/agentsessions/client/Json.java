package dev.agentsessions.client;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as the store speaks it: names in snake_case, nothing for null, but in maps, and
 * numbers without loss.
 */
final class Json {

	private static final JsonMapper mapper = JsonMapper.builder()
		.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
		.changeDefaultPropertyInclusion((inclusion) -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
		.build();

	private Json() {
	}

	static byte[] write(Object value) {
		return mapper.writeValueAsBytes(value);
	}

	/**
	 * Errors: {@link JacksonException} if it is no JSON, or another one than is expected.
	 */
	static <T> T read(byte[] json, Class<T> type) {
		T value = mapper.readValue(json, type);
		if (value == null) {
			throw MismatchedInputException.from((JsonParser) null, type, "null");
		}
		return value;
	}

	static <T> T convert(Object value, Class<T> type) {
		return mapper.convertValue(value, type);
	}

}
