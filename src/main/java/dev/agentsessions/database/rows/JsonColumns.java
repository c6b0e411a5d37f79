package dev.agentsessions.database.rows;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

import dev.agentsessions.database.Engine;
import io.r2dbc.postgresql.codec.Json;

import org.springframework.core.convert.converter.Converter;
import org.springframework.data.convert.ReadingConverter;
import org.springframework.data.convert.WritingConverter;

/**
 * How Spring Data carries JSON and times between records and columns. JSON columns are
 * selected as text on both engines; bound, they are <code>jsonb</code> on PostgreSQL and
 * text on H2.
 */
public final class JsonColumns {

	private JsonColumns() {
	}

	public static List<Converter<?, ?>> converters(Engine engine) {
		return List.of(TextToJson.INSTANCE, ToInstant.INSTANCE,
				(engine == Engine.POSTGRESQL) ? JsonToJsonb.INSTANCE : JsonToText.INSTANCE);
	}

	@ReadingConverter
	private enum TextToJson implements Converter<String, JsonText> {

		INSTANCE;

		@Override
		public JsonText convert(String json) {
			return new JsonText(json);
		}

	}

	@ReadingConverter
	private enum ToInstant implements Converter<OffsetDateTime, Instant> {

		INSTANCE;

		@Override
		public Instant convert(OffsetDateTime time) {
			return time.toInstant();
		}

	}

	@WritingConverter
	private enum JsonToJsonb implements Converter<JsonText, Json> {

		INSTANCE;

		@Override
		public Json convert(JsonText json) {
			return Json.of(json.json());
		}

	}

	@WritingConverter
	private enum JsonToText implements Converter<JsonText, String> {

		INSTANCE;

		@Override
		public String convert(JsonText json) {
			return json.json();
		}

	}

}
