package dev.agentsessions.client;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * JSON as the store speaks it: names in snake_case, nothing for null, but in maps, and
 * numbers without loss.
 */
final class Json {

	private static final JsonMapper mapper = JsonMapper.builder()
		.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
		.changeDefaultPropertyInclusion((inclusion) -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
		.addModule(new SimpleModule().addSerializer(Double.class, new Finite<>(Double.class))
			.addSerializer(Float.class, new Finite<>(Float.class)))
		.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
		.build();

	private Json() {
	}

	/** Errors: {@link IllegalArgumentException} for what JSON does not have. */
	static byte[] write(Object value) {
		try {
			return mapper.writeValueAsBytes(value);
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException("Cannot be sent as JSON: " + ex.getMessage(), ex);
		}
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

	/** Numbers as JSON has them, which knows no NaN and nothing infinite. */
	private static final class Finite<T extends Number> extends StdSerializer<T> {

		Finite(Class<T> type) {
			super(type);
		}

		@Override
		public void serialize(T number, JsonGenerator generator, SerializationContext context) {
			if (!Double.isFinite(number.doubleValue())) {
				context.reportMappingProblem("JSON has no number %s", number);
			}
			if (number instanceof Float) {
				generator.writeNumber(number.floatValue());
			}
			else {
				generator.writeNumber(number.doubleValue());
			}
		}

	}

}
