package dev.agentsessions.message.log;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The cache of messages that were read or written lately.
 *
 * @param size the most bytes it takes; a quarter of the heap unless set, 0B for none; at
 * least 0B
 */
@ConfigurationProperties("store.cache")
record CacheSettings(@Nullable DataSize size) {

	CacheSettings {
		if (size != null && size.isNegative()) {
			throw new IllegalArgumentException("store.cache.size must be at least 0B, but is " + size);
		}
	}

	long bytes() {
		return (this.size != null) ? this.size.toBytes() : Runtime.getRuntime().maxMemory() / 4;
	}

}
