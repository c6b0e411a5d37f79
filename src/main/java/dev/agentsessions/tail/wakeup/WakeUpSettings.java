package dev.agentsessions.tail.wakeup;

import jakarta.validation.constraints.AssertTrue;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How replicas tell each other of changes.
 *
 * @param wakeUps through what replicas tell each other that there is something new:
 * <code>postgresql</code> (NOTIFY) or <code>nats</code>; without it tails are up to 2 s
 * behind
 * @param natsUrl where NATS is, for <code>nats</code>:
 * <code>tls://user:password@host:4222</code>, or <code>nats://…</code> without TLS;
 * several with commas between them
 */
@ConfigurationProperties("store.tails")
record WakeUpSettings(@DefaultValue("postgresql") WakeUpsBy wakeUps, @Nullable NatsUrl natsUrl) {

	/** Named so that what is wrong is said of that setting. */
	@AssertTrue(message = "must be a URL such as nats://host:4222 where STORE_TAILS_WAKE_UPS is nats")
	boolean isNatsUrl() {
		return this.wakeUps != WakeUpsBy.NATS || this.natsUrl != null;
	}

	/** What passes them on. */
	enum WakeUpsBy {

		POSTGRESQL, NATS

	}

}
