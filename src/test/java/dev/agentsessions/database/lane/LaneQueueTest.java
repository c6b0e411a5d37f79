package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import dev.agentsessions.database.lane.LaneQueue.Offer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whose turn it is in a lane, and how much of its queue one tenant may take.
 */
class LaneQueueTest {

	private static final int BATCH = 16;

	private final long seed = Long.getLong("seed", System.nanoTime());

	private final Random random = new Random(this.seed);

	private final FakeOperation operation = new FakeOperation();

	private final LaneQueue queue = queue(BATCH, 1000, 50);

	@Test
	void whoFloodsWaitsBehindItself() {
		for (int i = 0; i < 400; i++) {
			offer("flood", "s" + i % 20, "f" + i);
		}
		offer("quiet", "s", "q");
		assertThat(next()).hasSize(BATCH).contains("q");
	}

	@Test
	void insideATenantASessionThatFloodsWaitsBehindItself() {
		for (int i = 0; i < 400; i++) {
			offer("tenant", "flood", "f" + i);
		}
		offer("tenant", "quiet", "q");
		assertThat(next()).containsSequence("f0", "q", "f1");
	}

	@Test
	void turnsAreCountedInBytesAndInRequests() {
		String large = "x".repeat(40_000);
		for (int i = 0; i < 20; i++) {
			offer("large", "s", large);
			for (int n = 0; n < 20; n++) {
				offer("small", "s" + n, "" + n);
			}
		}
		long largeOnes = 0;
		long smallOnes = 0;
		while (smallOnes < 300) {
			for (String taken : next()) {
				if (taken.length() > 1000) {
					largeOnes++;
				}
				else {
					smallOnes++;
				}
			}
		}
		assertThat(largeOnes).as("as many bytes, where each request counts as some").isBetween(2L, 8L);
	}

	@Test
	void whatIsToBeReadTakesNoRoom() {
		this.operation.read = true;
		for (int i = 0; i < 100; i++) {
			offer("reader", "s" + i, "x".repeat(1 << 20));
		}
		assertThat(this.queue.bytes()).isZero();
		assertThat(this.queue.requests()).isEqualTo(100);
	}

	@Test
	void aTenantHasAShareOfTheQueue() {
		LaneQueue small = queue(BATCH, 10, 50);
		for (int i = 0; i < 5; i++) {
			assertThat(small.offer(call("flood", "s" + i, "f"))).isEqualTo(Offer.TAKEN);
		}
		assertThat(small.offer(call("flood", "s", "f"))).isEqualTo(Offer.TENANT_FULL);
		for (int i = 0; i < 5; i++) {
			assertThat(small.offer(call("t" + i, "s", "f"))).isEqualTo(Offer.TAKEN);
		}
		assertThat(small.offer(call("another", "s", "f"))).isEqualTo(Offer.FULL);
		small.moveTo(new ArrayList<>());
		assertThat(small.isEmpty()).isTrue();
		assertThat(small.offer(call("flood", "s", "f"))).as("what has left leaves its room").isEqualTo(Offer.TAKEN);
	}

	@Test
	void aLargeRequestIsTakenWhereLittleWaits() {
		String large = "x".repeat(20 << 20);
		offer("tenant", "s", "small");
		offer("tenant", "s", large);
		assertThat(this.queue.offer(call("tenant", "s", "small"))).isEqualTo(Offer.TENANT_FULL);
		offer("another", "s", large);
		assertThat(this.queue.offer(call("third", "s", "small"))).isEqualTo(Offer.FULL);
	}

	@Test
	void nobodyWaitsLongerThanTheOthersTakeTogetherAndSessionsKeepTheirOrder() {
		System.out.println("queue: seed " + this.seed);
		for (int round = 0; round < 200; round++) {
			Map<String, Integer> sent = new HashMap<>();
			Map<String, Integer> taken = new HashMap<>();
			Map<String, Integer> tenants = new HashMap<>();
			int count = 1 + this.random.nextInt(300);
			for (int i = 0; i < count; i++) {
				// one floods, others come now and then
				String tenant = (this.random.nextInt(10) > 0) ? "t0" : "t" + this.random.nextInt(5);
				String session = tenant + "/" + this.random.nextInt(4);
				tenants.merge(tenant, 1, Integer::sum);
				offer(tenant, session, session + "#" + sent.merge(session, 1, Integer::sum));
			}
			int batches = 0;
			for (List<String> batch = next(); !batch.isEmpty(); batch = next()) {
				batches++;
				for (String request : batch) {
					String[] parts = request.split("#");
					assertThat(Integer.parseInt(parts[1])).as("seed %d: %s", this.seed, request)
						.isEqualTo(taken.merge(parts[0], 1, Integer::sum));
					tenants.merge(parts[0].split("/")[0], -1, Integer::sum);
				}
				int begun = batches;
				tenants.forEach((tenant, left) -> {
					// requests of one size: each has its fifth of every batch, and nobody
					// needs more than one turn of all others before its own
					if (!tenant.equals("t0") && left > 0) {
						assertThat(left).as("seed %d, batch %d, %s", this.seed, begun, tenant)
							.isLessThanOrEqualTo(300 / 10 - begun * BATCH / 10 + 30);
					}
				});
			}
			assertThat(taken).as("seed %d", this.seed).isEqualTo(sent);
			assertThat(this.queue.isEmpty()).isTrue();
			assertThat(this.queue.bytes()).isZero();
		}
	}

	private static LaneQueue queue(int batchRequests, int queueRequests, int tenantShare) {
		return new LaneQueue(new LaneQueue.Capacity(batchRequests, 1 << 20, queueRequests, 32 << 20, tenantShare));
	}

	private void offer(String tenant, String session, String request) {
		assertThat(this.queue.offer(call(tenant, session, request))).isEqualTo(Offer.TAKEN);
	}

	private List<String> next() {
		List<PendingRequest<?, ?>> batch = new ArrayList<>();
		this.queue.moveTo(batch);
		return batch.stream().map((call) -> String.valueOf(call.request())).toList();
	}

	private PendingRequest<String, String> call(@Nullable String tenant, String session, String request) {
		return new PendingRequest<>(this.operation, request, tenant, session, null, Runnable::run, System.nanoTime(),
				Duration.ofMinutes(1).toNanos());
	}

}
