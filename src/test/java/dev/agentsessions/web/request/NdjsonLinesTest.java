package dev.agentsessions.web.request;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import dev.agentsessions.problem.ProblemException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.core.io.buffer.NettyDataBufferFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lines are the same wherever the network cuts the body.
 */
class NdjsonLinesTest {

	private static final String BODY = "{\"a\":1}\r\n\n \t\r\nпривет 😀\n\n{\"b\":\"x\"}\n  end";

	private static final List<String> LINES = List.of("1 {\"a\":1}\r", "4 привет 😀", "6 {\"b\":\"x\"}", "7   end");

	@Test
	void splitsAtEveryBoundaryAlike() {
		byte[] body = bytes(BODY);
		for (int first = 0; first <= body.length; first++) {
			for (int second = first; second <= body.length; second++) {
				List<byte[]> parts = List.of(part(body, 0, first), part(body, first, second),
						part(body, second, body.length));
				assertThat(lines(parts, 1000)).as("cut at %d and %d", first, second).isEqualTo(LINES);
			}
		}
	}

	@Test
	void splitsAnyBodyCutAnywhereAlike() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 500; i++) {
			byte[] body = new byte[random.nextInt(200)];
			IntStream.range(0, body.length).forEach((at) -> body[at] = (byte) "ab\n\r ".charAt(random.nextInt(5)));
			int limit = 1 + random.nextInt(20);
			List<byte[]> single = IntStream.range(0, body.length).mapToObj((at) -> part(body, at, at + 1)).toList();
			assertThat(lines(cut(body, random), limit)).as("seed %d, body %d", seed, i)
				.isEqualTo(lines(List.of(body), limit))
				.isEqualTo(lines(single, limit))
				.isEqualTo(expected(new String(body, StandardCharsets.US_ASCII), limit));
		}
	}

	@Test
	void aLineEndAtTheEndMakesNoFurtherLine() {
		assertThat(lines("a\n", 10)).containsExactly("1 a");
		assertThat(lines("a", 10)).containsExactly("1 a");
		assertThat(lines("", 10)).isEmpty();
		assertThat(lines("\n\r\n \n", 10)).isEmpty();
	}

	@Test
	void aLineAsLongAsTheLimitIsTaken() {
		assertThat(lines("1234567890\n1234567890", 10)).containsExactly("1 1234567890", "2 1234567890");
	}

	@Test
	void nothingFollowsALineThatIsTooLong() {
		assertThat(lines("a\n12345678901\nb\n", 10)).containsExactly("1 a", "2 too long");
		assertThat(lines("a\n\n12345678901", 10)).containsExactly("1 a", "3 too long");
	}

	@Test
	void anEndlessLineIsNotKept() {
		AtomicLong sent = new AtomicLong();
		byte[] megabyte = new byte[1 << 20];
		Flux<DataBuffer> body = Flux.range(0, 4096)
			.doOnNext((n) -> sent.incrementAndGet())
			.hide()
			.map((n) -> (DataBuffer) DefaultDataBufferFactory.sharedInstance.wrap(megabyte));
		StepVerifier.create(split(body, 100).map(NdjsonLine::tooLong).take(1)).expectNext(true).verifyComplete();
		assertThat(sent).hasValueLessThan(3);
	}

	@Test
	void readsNoFurtherThanItIsAsked() {
		TestPublisher<DataBuffer> body = TestPublisher.create();
		StepVerifier.create(split(body.flux(), 100).map(NdjsonLine::number), 0)
			.then(() -> body.assertMaxRequested(1))
			.thenRequest(1)
			.then(() -> body.next(buffer("a\nb\nc\n")))
			.expectNext(1L)
			.then(() -> body.assertMaxRequested(1))
			.thenRequest(2)
			.expectNext(2L, 3L)
			.thenCancel()
			.verify();
		body.assertWasCancelled();
	}

	@Test
	void buffersAreReleasedWhetherReadOrNot() {
		NettyDataBufferFactory factory = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);
		List<ByteBuf> buffers = new ArrayList<>();
		Flux<DataBuffer> body = Flux.just("a\nb", "\nc\n", "d\n").map((text) -> {
			DataBuffer buffer = factory.allocateBuffer(16).write(bytes(text));
			buffers.add(NettyDataBufferFactory.toByteBuf(buffer));
			return buffer;
		});
		StepVerifier.create(split(body, 10)).expectNextCount(4).verifyComplete();
		assertThat(buffers).hasSize(3).allMatch((buffer) -> buffer.refCnt() == 0);
		buffers.clear();
		StepVerifier.create(split(body, 10), 1).expectNextCount(1).thenCancel().verify();
		assertThat(buffers).isNotEmpty().allMatch((buffer) -> buffer.refCnt() == 0);
	}

	@Test
	void whatHasComeOfALineTakesRoomUntilItIsWhole() {
		InFlightBodies bodies = new InFlightBodies(new RequestMemory(1000, 10), new SimpleMeterRegistry());
		TestPublisher<DataBuffer> one = TestPublisher.create();
		TestPublisher<DataBuffer> other = TestPublisher.create();
		StepVerifier.create(split(one.flux(), 100, bodies).map(NdjsonLinesTest::text))
			.then(() -> one.next(buffer("a\nbcdefgh")))
			.expectNext("1 a")
			.then(() -> assertThat(bodies.taken()).isEqualTo(7))
			.then(() -> StepVerifier.create(split(other.flux(), 100, bodies))
				.then(() -> other.next(buffer("ijklm")))
				.verifyErrorSatisfies((error) -> assertThat(error).isInstanceOf(ProblemException.class)))
			.then(() -> one.next(buffer("i\n")))
			.expectNext("2 bcdefghi")
			.then(() -> assertThat(bodies.taken()).isZero())
			.thenCancel()
			.verify();
	}

	/** Released twice it would be somebody else's that is taken away. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aBufferForWhichThereIsNoRoomIsReleasedOnce(boolean fused) {
		InFlightBodies bodies = new InFlightBodies(new RequestMemory(1000, 10), new SimpleMeterRegistry());
		bodies.share().take(10);
		ByteBuf buffer = PooledByteBufAllocator.DEFAULT.buffer(16).writeBytes(bytes("a\nb")).retain();
		Flux<DataBuffer> body = Flux.just(new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT).wrap(buffer));
		StepVerifier.create(split(fused ? body : body.hide(), 100, bodies))
			.verifyErrorSatisfies((error) -> assertThat(error).isInstanceOf(ProblemException.class));
		assertThat(buffer.refCnt()).isEqualTo(1);
		buffer.release();
		assertThat(bodies.taken()).isEqualTo(10);
	}

	@Test
	void anErrorOfTheBodyComesThrough() {
		Flux<DataBuffer> body = Flux.just(buffer("a\nb")).concatWith(Flux.error(new IllegalStateException("gone")));
		StepVerifier.create(split(body, 10).map(NdjsonLine::number)).expectNext(1L).verifyErrorMessage("gone");
	}

	private static List<String> lines(String body, int limit) {
		return lines(List.of(bytes(body)), limit);
	}

	private static List<String> lines(List<byte[]> parts, int limit) {
		Flux<DataBuffer> body = Flux.fromIterable(parts).map(DefaultDataBufferFactory.sharedInstance::wrap);
		return split(body, limit).map(NdjsonLinesTest::text).collectList().blockOptional().orElseThrow();
	}

	private static Flux<NdjsonLine> split(Flux<DataBuffer> body, int limit) {
		return split(body, limit, new InFlightBodies(new RequestMemory(), new SimpleMeterRegistry()));
	}

	private static Flux<NdjsonLine> split(Flux<DataBuffer> body, int limit, InFlightBodies bodies) {
		return Flux.using(bodies::share, (share) -> NdjsonLines.split(body, limit, share), InFlightBodies.Share::leave);
	}

	private static String text(NdjsonLine line) {
		return line.number() + " " + (line.tooLong() ? "too long" : new String(line.bytes(), StandardCharsets.UTF_8));
	}

	private static List<String> expected(String body, int limit) {
		List<String> expected = new ArrayList<>();
		int number = 0;
		for (String line : body.split("\n", -1)) {
			number++;
			if (line.length() > limit) {
				expected.add(number + " too long");
				return expected;
			}
			if (!line.isBlank()) {
				expected.add(number + " " + line);
			}
		}
		return expected;
	}

	private static List<byte[]> cut(byte[] body, Random random) {
		List<byte[]> parts = new ArrayList<>();
		for (int from = 0; from < body.length;) {
			int to = Math.min(body.length, from + random.nextInt(12));
			parts.add(part(body, from, to));
			from = to;
		}
		return parts;
	}

	private static byte[] part(byte[] body, int from, int to) {
		return Arrays.copyOfRange(body, from, to);
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static DataBuffer buffer(String text) {
		return DefaultDataBufferFactory.sharedInstance.wrap(bytes(text));
	}

}
