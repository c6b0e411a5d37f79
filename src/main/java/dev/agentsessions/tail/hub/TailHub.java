package dev.agentsessions.tail.hub;

import java.time.Duration;
import java.util.Collection;
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

	private final Map<SessionKey, Followers> followed = new ConcurrentHashMap<>();

	private final Map<Integer, Set<FollowedSession>> numbered = new ConcurrentHashMap<>();

	private final TailGroup tails = new TailGroup();

	private final SessionUpkeep upkeep = new SessionUpkeep(this::isFollowed);

	private final SessionNews news;

	private final TailReader reader;

	private volatile boolean closing;

	private final RecurringJob forgetting;

	public TailHub(SessionNews news, TailReader reader, Commits commits) {
		super(Phase.DATABASE);
		this.news = news;
		this.reader = reader;
		this.forgetting = new RecurringJob("the forgetting of events", Timing.steady(FORGETTING),
				Mono.fromRunnable(this.upkeep::forget));
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
		Followers followers = this.followed.compute(state.key(),
				(key, found) -> (found != null) ? found.oneMore() : first(state));
		followers.session().advanceAtLeastTo(state);
		return followers.session();
	}

	public void unfollow(FollowedSession session) {
		this.followed.compute(session.key(),
				(key, found) -> (found != null && found.count() > 1) ? found.oneLess() : last(session));
		this.upkeep.unfollowed(session);
	}

	private Followers first(SessionState state) {
		FollowedSession session = new FollowedSession(state, this.news::since, this.reader, this.upkeep);
		this.numbered.compute(state.key().number(), (number, found) -> {
			Set<FollowedSession> sessions = (found != null) ? found : ConcurrentHashMap.newKeySet(1);
			sessions.add(session);
			return sessions;
		});
		return new Followers(session, 1);
	}

	private @Nullable Followers last(FollowedSession session) {
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
		return this.followed.values().stream().map(Followers::session).toList();
	}

	/** One of them, null if nobody follows it any longer. */
	public @Nullable FollowedSession followed(SessionKey key) {
		Followers followers = this.followed.get(key);
		return (followers != null) ? followers.session() : null;
	}

	/** Those of them whose last look failed. */
	public Collection<FollowedSession> failed() {
		return this.upkeep.failed();
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

	@Override
	protected void begin() {
		this.forgetting.start();
	}

	@Override
	protected Mono<Void> end() {
		return this.forgetting.stop();
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

	private record Followers(FollowedSession session, int count) {

		Followers oneMore() {
			return new Followers(this.session, this.count + 1);
		}

		Followers oneLess() {
			return new Followers(this.session, this.count - 1);
		}

	}

}
