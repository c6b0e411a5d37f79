package dev.agentsessions.message.log;

import dev.agentsessions.settings.SizeBounds;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The cache of messages that were read or written lately.
 *
 * @param size the most bytes it takes; a quarter of the heap unless set, 0B for none
 */
@ConfigurationProperties("store.cache")
record CacheSettings(@SizeBounds(min = "0B") @Nullable DataSize size) {

	long bytes() {
		return (this.size != null) ? this.size.toBytes() : Runtime.getRuntime().maxMemory() / 4;
	}

}
