package dev.agentsessions.paging;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pages of rows of any size: rows are numbers here, and each place is the number before.
 */
class PagePiecesTest {

	private static final long ROWS = 700;

	private final List<Long> asked = new ArrayList<>();

	@Test
	void smallRowsAreReadInPiecesThatGrow() {
		assertThat(read(500, 10, PagePieces.MOST_BYTES)).hasSize(500).startsWith(1L).endsWith(500L);
		assertThat(this.asked).containsExactly(32L, 96L, 372L);
	}

	@Test
	void aPieceThatIsNotFullIsTheLast() {
		assertThat(read(1001, 10, PagePieces.MOST_BYTES)).hasSize(700).endsWith(700L);
		assertThat(this.asked).containsExactly(32L, 96L, 384L, 489L);
	}

	@Test
	void asManyAreReadAsMakeAPage() {
		long bytes = PagePieces.MOST_BYTES / 100;
		List<Long> rows = read(1001, bytes, PagePieces.MOST_BYTES);
		assertThat(rows).hasSize(101);
		assertThat(this.asked).containsExactly(32L, 96L);
		assertThat(PagePieces.isCut(rows, (row) -> bytes)).isTrue();
	}

	@Test
	void oneIsReadHoweverLargeItIs() {
		assertThat(read(10, 3 * PagePieces.MOST_BYTES, PagePieces.MOST_BYTES)).containsExactly(1L);
		assertThat(this.asked).containsExactly(10L);
	}

	private List<Long> read(long most, long bytes, long budget) {
		return PagePieces.read(0L, most, (from, wanted) -> {
			this.asked.add(wanted);
			long fitting = Math.max(1, (budget + bytes - 1) / bytes);
			return Mono.just(LongStream.rangeClosed(from + 1, Math.min(ROWS, from + Math.min(wanted, fitting)))
				.boxed()
				.toList());
		}, (last) -> last, (row) -> bytes).block();
	}

}
