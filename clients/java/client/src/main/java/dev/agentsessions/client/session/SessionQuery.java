package dev.agentsessions.client.session;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Which sessions are listed: those that pass everything that is given.
 *
 * @param labels texts by name
 * @param title a part of the title, in any case and width
 * @param from active at this time or later, or created with {@link Order#CREATED}
 * @param to active at this time or earlier, or created
 * @param includeDeleted soft-deleted ones, too
 */
public record SessionQuery(Order order, @Nullable String owner, Map<String, String> labels, @Nullable String title,
		@Nullable Instant from, @Nullable Instant to, boolean includeDeleted) {

	public static final SessionQuery ALL = new SessionQuery(Order.ACTIVITY, null, Map.of(), null, null, null, false);

	/** In which order sessions come. */
	public enum Order {

		/**
		 * The most recently active first. One that is written to moves to the front, past
		 * a reader who is on the way.
		 */
		ACTIVITY,

		/**
		 * In the order in which the store got to know them: the one to walk all sessions
		 * by.
		 */
		CREATED

	}

	public SessionQuery order(Order order) {
		return new SessionQuery(order, this.owner, this.labels, this.title, this.from, this.to, this.includeDeleted);
	}

	public SessionQuery owner(String owner) {
		return new SessionQuery(this.order, owner, this.labels, this.title, this.from, this.to, this.includeDeleted);
	}

	/** One more label that sessions must have. */
	public SessionQuery label(String name, String text) {
		Map<String, String> all = new LinkedHashMap<>(this.labels);
		all.put(name, text);
		return new SessionQuery(this.order, this.owner, all, this.title, this.from, this.to, this.includeDeleted);
	}

	public SessionQuery title(String part) {
		return new SessionQuery(this.order, this.owner, this.labels, part, this.from, this.to, this.includeDeleted);
	}

	public SessionQuery from(Instant from) {
		return new SessionQuery(this.order, this.owner, this.labels, this.title, from, this.to, this.includeDeleted);
	}

	public SessionQuery to(Instant to) {
		return new SessionQuery(this.order, this.owner, this.labels, this.title, this.from, to, this.includeDeleted);
	}

	public SessionQuery withDeleted() {
		return new SessionQuery(this.order, this.owner, this.labels, this.title, this.from, this.to, true);
	}

}
