package dev.agentsessions.web.json;

import java.time.Clock;
import java.time.Instant;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * How answers are written: times in the contract's one form.
 */
@Configuration(proxyBeanMethods = false)
class WebConfiguration {

	@Bean
	JacksonModule times() {
		return new SimpleModule("times").addSerializer(Instant.class, new InstantSerializer());
	}

	/** For names and schedules only: the times of what is stored are the database's. */
	@Bean
	Clock clock() {
		return Clock.systemUTC();
	}

	private static final class InstantSerializer extends StdSerializer<Instant> {

		InstantSerializer() {
			super(Instant.class);
		}

		@Override
		public void serialize(Instant time, JsonGenerator json, SerializationContext context) {
			json.writeString(Times.format(time));
		}

	}

}
