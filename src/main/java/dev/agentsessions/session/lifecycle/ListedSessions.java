package dev.agentsessions.session.lifecycle;

import java.util.ArrayList;
import java.util.List;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.session.Session;
import dev.agentsessions.session.SessionRow;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.stereotype.Component;

/**
 * Sessions as they stand in lists, by the versions of their rows. A version is a row's id
 * and the transaction that wrote it, which the database is asked for each time: so what
 * is kept is never older than an answer may be. A new lane connection may be one to
 * another server, on which numbers were used differently, and empties it.
 */
@Component
class ListedSessions {

	/** Bytes, roughly. */
	private static final long MOST = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 32);

	private static final int OVERHEAD = 700;

	private final Cache<String, ListedSession> versions;

	private final Lanes lanes;

	private final JsonMapper mapper;

	ListedSessions(Lanes lanes, JsonMapper mapper) {
		this.lanes = lanes;
		this.mapper = mapper;
		this.versions = Caffeine.newBuilder()
			.maximumWeight(MOST)
			.weigher((String version, ListedSession session) -> OVERHEAD + 3 * session.json().length)
			.executor(Runnable::run) // upkeep is short
			.build();
		lanes.onNewConnection(this.versions::invalidateAll);
	}

	/** To be asked before the statement whose results are then {@link #put}. */
	long epoch() {
		return this.lanes.epoch();
	}

	/** The sessions of these versions; null unless all of them are here. */
	@Nullable List<ListedSession> get(List<String> versions) {
		List<ListedSession> found = new ArrayList<>(versions.size());
		for (String version : versions) {
			ListedSession session = this.versions.getIfPresent(version);
			if (session == null) {
				return null;
			}
			found.add(session);
		}
		return found;
	}

	/** Takes in a version that was read. */
	ListedSession put(long epoch, String version, SessionRow row) {
		ListedSession session = list(row);
		this.versions.put(version, session);
		// emptied after a new epoch has begun: what that may have missed is thrown away
		if (epoch != epoch()) {
			this.versions.invalidate(version);
		}
		return session;
	}

	/** A session of which no version is known. */
	ListedSession list(SessionRow row) {
		return new ListedSession(row, this.mapper.writeValueAsBytes(Session.of(row)));
	}

}
