package dev.agentsessions.message.log;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionState;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * For those who follow sessions: how far one has come since they last looked.
 */
@Component
public class SessionNews {

	private static final NewsReads reads = new NewsReads();

	private final SessionReads sessions;

	private final Lanes lanes;

	private final LogCache cache;

	private final boolean isAhead;

	SessionNews(SessionReads sessions, Lanes lanes, LogCache cache, CacheSettings settings, Engine engine) {
		this.sessions = sessions;
		this.lanes = lanes;
		this.cache = cache;
		this.isAhead = engine == Engine.POSTGRESQL && settings.bytes() > 0;
	}

	/**
	 * How far the session has come, whether it exists or not. What is new, and asked for
	 * next, is put into the cache meanwhile, if it is little: that saves the second of
	 * two statements. Errors: 503.
	 * @param known where it was
	 */
	public Mono<SessionState> since(SessionState known) {
		return this.isAhead ? ahead(known) : this.sessions.state(known.key());
	}

	private Mono<SessionState> ahead(SessionState known) {
		return Mono.defer(() -> {
			long epoch = this.cache.epoch();
			return this.lanes.read(known.key(), reads, known).map((news) -> {
				this.cache.put(epoch, news.state().id(), news.messages());
				return news.state();
			});
		});
	}

}
