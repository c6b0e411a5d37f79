package dev.agentsessions.adk;

import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.google.adk.JsonBaseModel;
import org.jspecify.annotations.Nullable;

/** Values as ADK reads them: a number with a point is a {@code Double}. */
final class Json {

	private Json() {
	}

	static Map<String, @Nullable Object> plain(Object value) {
		try {
			return JsonBaseModel.getMapper().readValue(JsonBaseModel.toJsonString(value), new TypeReference<>() {
			});
		}
		catch (JsonProcessingException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
