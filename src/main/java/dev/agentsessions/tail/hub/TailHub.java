package dev.agentsessions.tail.hub;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.agentsessions.message.log.SessionNews;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.write.Commit;
import dev.agentsessions.write.Commits;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Who follows what on this replica, and who has to be told.
 */
@Component
public final class TailHub extends Lifecycle {

	/** How many sessions are looked at at once; they share statements. */
	public static final int CONCURRENCY = 256;

	/** How often a session forgets the events that nobody asked for. */
	private static final Duration FORGETTING = Duration.ofSeconds(4);

	private final Map<SessionKey, FollowedSession> followed = new ConcurrentHashMap<>();

	private final Map<Integer, Set<FollowedSession>> numbered = new ConcurrentHashMap<>();

	private final TailGroup tails = new TailGroup();

	/**
	 * The sessions that hold recent events, or whose last look failed: ten thousand that
	 * are idle are not touched. A look that ends late may add one that nobody follows any
	 * longer.
	 */
	private final Set<FollowedSession> upkeep = ConcurrentHashMap.newKeySet();

	private final SessionNews news;

	private final TailReader reader;

	private volatile boolean closing;

	public TailHub(SessionNews news, TailReader reader, Commits commits) {
		super(Phase.DATABASE);
		this.news = news;
		this.reader = reader;
		runs(new RecurringJob("the forgetting of events", Timing.steady(FORGETTING), Mono.fromRunnable(this::forget)));
		commits.listen(this::committed);
	}

	/** Whether new tails are refused, because all of them are about to end. */
	public boolean isClosing() {
		return this.closing;
	}

	/**
	 * The session that has this state now, until {@link #unfollow}.
	 */
	public FollowedSession follow(SessionState state) {
		FollowedSession session = this.followed.compute(state.key(), (key, found) -> {
			FollowedSession followed = (found != null) ? found : first(state);
			followed.followers++;
			return followed;
		});
		session.advanceAtLeastTo(state);
		return session;
	}

	public void unfollow(FollowedSession session) {
		this.followed.compute(session.key(), (key, found) -> (--session.followers > 0) ? session : last(session));
	}

	private FollowedSession first(SessionState state) {
		FollowedSession session = new FollowedSession(state, this.news::since, this.reader, this.upkeep);
		this.numbered.compute(state.key().number(), (number, found) -> {
			Set<FollowedSession> sessions = (found != null) ? found : ConcurrentHashMap.newKeySet(1);
			sessions.add(session);
			return sessions;
		});
		return session;
	}

	private @Nullable FollowedSession last(FollowedSession session) {
		this.upkeep.remove(session);
		this.numbered.computeIfPresent(session.key().number(), (number, sessions) -> {
			sessions.remove(session);
			return sessions.isEmpty() ? null : sessions;
		});
		return null;
	}

	/** On the tail's event loop. */
	public void joined(Tail tail) {
		this.tails.add(tail);
		if (this.closing) {
			tail.leave();
		}
	}

	/** On the tail's event loop. */
	public void left(Tail tail) {
		this.tails.remove(tail);
	}

	/** The sessions that somebody follows now. */
	public Collection<FollowedSession> followed() {
		return List.copyOf(this.followed.values());
	}

	/** One of them, null if nobody follows it any longer. */
	public @Nullable FollowedSession followed(SessionKey key) {
		return this.followed.get(key);
	}

	/** Those of them whose last look failed. */
	public Collection<FollowedSession> failed() {
		return this.upkeep.stream().filter((session) -> session.hasFailed() && isFollowed(session)).toList();
	}

	/** Has them forget the events that nobody asked for since the last time. */
	void forget() {
		for (FollowedSession session : this.upkeep) {
			if (isFollowed(session)) {
				session.forget();
			}
			else {
				this.upkeep.remove(session);
			}
		}
	}

	/** How many sessions somebody has to come back to. */
	int upkeep() {
		return this.upkeep.size();
	}

	private boolean isFollowed(FollowedSession session) {
		return followed(session.key()) == session;
	}

	public boolean hasFollowers() {
		return !this.followed.isEmpty();
	}

	/**
	 * Sessions with these numbers may have changed.
	 * @param numbers empty for all
	 */
	public void hint(Set<Integer> numbers) {
		if (numbers.isEmpty()) {
			Flux.fromIterable(followed()).flatMap(FollowedSession::look, CONCURRENCY).subscribe();
		}
		numbers.forEach((number) -> this.numbered.getOrDefault(number, Set.of())
			.forEach((session) -> session.look().subscribe()));
	}

	private void committed(Commit commit) {
		FollowedSession session = this.followed.isEmpty() ? null : followed(commit.session());
		if (session != null) {
			session.committed(commit);
		}
	}

	/**
	 * Ends all streams as soon as the shutdown begins: it waits for open requests, and
	 * these would never end by themselves.
	 */
	@EventListener
	public void leaveAll(ContextClosedEvent event) {
		this.closing = true;
		this.tails.leaveAll();
	}

}
