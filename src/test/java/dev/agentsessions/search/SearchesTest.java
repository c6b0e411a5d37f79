package dev.agentsessions.search;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.PoolPlaces;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.message.log.TestLog;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.search.index.SearchSettings;
import dev.agentsessions.search.text.SearchQuery;
import dev.agentsessions.search.text.WordThreads;
import dev.agentsessions.session.lifecycle.SessionFilter;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of a search for which nobody waits any longer.
 */
class SearchesTest {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private static final MessageCandidate CANDIDATE = new MessageCandidate(1, "session", null, 1, NOW);

	private final AtomicInteger reads = new AtomicInteger();

	private final Sinks.One<Candidates> candidates = Sinks.one();

	private BooleanSupplier isGone = () -> false;

	/** The only place is taken by the search that is cancelled, until it ends. */
	@Test
	void whoHangsUpLeavesItsPlaceThoughMessagesAreStillToBeRead() {
		Searches searches = searches(TestLog.reading(this::readInVain));
		this.candidates.tryEmitValue(new Candidates(List.of(CANDIDATE), CANDIDATE.place(), false));
		search(searches).subscribe().dispose();
		assertThat(this.reads).hasValue(1);
		search(searches).subscribe().dispose();
		assertThat(this.reads).hasValue(2);
	}

	@Test
	void whoHangsUpDuringAStatementIsKnownToBeGoneAndHasNoMessageRead() {
		Searches searches = searches(TestLog.reading(this::readInVain));
		search(searches).subscribe().dispose();
		assertThat(this.isGone.getAsBoolean()).isTrue();
		this.candidates.tryEmitValue(new Candidates(List.of(CANDIDATE), CANDIDATE.place(), false));
		assertThat(this.reads).hasValue(0);
	}

	private Mono<List<EncodedMessage>> readInVain(LogRange range) {
		this.reads.incrementAndGet();
		return Mono.never();
	}

	private static Mono<SearchPage> search(Searches searches) {
		SessionFilter all = new SessionFilter(false, null, new TreeMap<>(), null, null, null, false);
		return searches.search("default", SearchQuery.parse("word"), new SearchFilter(all, null, null), 10, null, "");
	}

	private Searches searches(MessageLog log) {
		SearchRepository repository = new SearchRepository(null, null) {
			@Override
			Mono<Instant> indexedThrough() {
				return Mono.just(NOW);
			}

			@Override
			Mono<Candidates> find(Search search, SearchPlace place, int most, BooleanSupplier gone) {
				SearchesTest.this.isGone = gone;
				return SearchesTest.this.candidates.asMono();
			}
		};
		return new Searches(repository, null, log, new RowIds(Mono.just("0123456789abcdef0123456789abcdef")),
				new WordThreads(), new SearchSettings(true), new PoolPlaces(2, new Buckets(1)));
	}

}
