package dev.agentsessions.message;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Fields.contents;
import static dev.agentsessions.Fields.numbers;
import static dev.agentsessions.Fields.seqs;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Histories that are saved and read at the same time.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class RivalHistoriesContractTest extends HistoryFixture {

	RivalHistoriesContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void concurrentSavesOfOneGrowingHistoryNeverLoseOrDoubleAMessage() {
		String session = Api.newId();
		for (int round = 1; round <= 8; round++) {
			String[] grown = numbers(1, round * 5).stream().map(Json::message).toArray(String[]::new);
			List<JsonNode> saved = Api.together(10, (i) -> this.api.save(session, grown).expect(200).json());
			assertThat(saved).noneMatch((each) -> each.path("replaced").booleanValue());
			assertThat(saved).allMatch((each) -> each.path("last_seq").longValue() == grown.length);
			assertThat(saved.stream().mapToInt((each) -> each.path("appended").intValue()).sum()).isEqualTo(5);
			List<JsonNode> log = this.api.log(session);
			assertThat(contents(log)).isEqualTo(numbers(1, grown.length));
			assertThat(seqs(log)).isEqualTo(LongStream.rangeClosed(1, grown.length).boxed().toList());
		}
	}

	@Test
	void concurrentSavesOfTheSameMessagesWithIdsAllSucceed() {
		for (int round = 0; round < 10; round++) {
			String session = Api.newId();
			String[] messages = numbers(1, 3).stream()
				.map((n) -> json("{'id':'" + n + "','role':'user','content':'" + n + "'}"))
				.toArray(String[]::new);
			List<JsonNode> saved = Api.together(4, (i) -> this.api.save(session, messages).expect(200).json());
			assertThat(saved).allMatch((each) -> each.path("last_seq").longValue() == 3);
			assertThat(this.api.contents(session)).isEqualTo(numbers(1, 3));
		}
	}

	@Test
	void ofConcurrentSavesOfDifferentHistoriesOneStandsWhole() {
		String session = Api.newId();
		List<Answer> saved = Api.together(10, (i) -> this.api.save(session, versions(i)).expect(200));
		Answer last = Collections.max(saved, (a, b) -> Long.compare(lastSeq(a), lastSeq(b)));
		List<String> log = this.api.contents(session);
		assertThat(log.stream().map(Json::message).toArray(String[]::new)).isEqualTo(versions(saved.indexOf(last)));
		assertThat(saved).extracting(RivalHistoriesContractTest::lastSeq).doesNotHaveDuplicates();
		assertThat(seqs(this.api.log(session)))
			.isEqualTo(LongStream.rangeClosed(lastSeq(last) - log.size() + 1, lastSeq(last)).boxed().toList());
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(log.size());
	}

	@Test
	void anAppendBesideASaveIsEitherKeptOrReplacedAsAWhole() {
		String session = this.api.sessionOf(2);
		String[] grown = { message("1"), message("2"), message("3") };
		List<Answer> answers = Api.together(8, (i) -> (i % 2 == 0) ? this.api.save(session, grown).expect(200)
				: this.api.append(session, "[" + message("a" + i) + "," + message("b" + i) + "]").expect(201));
		List<String> log = this.api.contents(session);
		boolean replaced = answers.stream().anyMatch((answer) -> answer.json().path("replaced").booleanValue(false));
		assertThat(log).startsWith("1", "2");
		assertThat(replaced ? log.subList(0, 3) : numbers(1, 3)).isEqualTo(numbers(1, 3));
		for (int i = 1; i < 8; i += 2) {
			assertThat(log.contains("b" + i)).isEqualTo(log.contains("a" + i));
			assertThat(log.indexOf("b" + i) - log.indexOf("a" + i)).isIn(0, 1);
		}
		assertThat(log).doesNotHaveDuplicates();
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(log.size());
	}

	@Test
	void whoReadsWhileAHistoryIsReplacedSeesOneOfThemWhole() {
		String session = Api.newId();
		List<String> odd = IntStream.range(0, 20).mapToObj((i) -> "odd " + i).toList();
		List<String> even = IntStream.range(0, 20).mapToObj((i) -> "even " + i).toList();
		this.api.save(session, messages(odd)).expect(200);
		AtomicBoolean done = new AtomicBoolean();
		Api.together(4, (i) -> {
			if (i == 0) {
				try {
					for (int n = 0; n < 60; n++) {
						this.api.save(session, messages((n % 2 == 0) ? even : odd)).expect(200);
					}
				}
				finally {
					done.set(true);
				}
				return true;
			}
			while (!done.get()) {
				List<String> seen = switch (i) {
					case 1 -> contents(this.api.page(session, "after=0").expect(200).data());
					case 2 -> this.api.contents(session);
					default -> history(session);
				};
				assertThat(Set.of(odd, even)).contains(seen);
			}
			return true;
		});
	}

	/** The history that number i of many sends. */
	private static String[] versions(int i) {
		return messages(IntStream.rangeClosed(0, i % 4).mapToObj((n) -> i + "/" + n).toList());
	}

	private static String[] messages(List<String> contents) {
		return contents.stream().map(Json::message).toArray(String[]::new);
	}

	private static long lastSeq(Answer saved) {
		return saved.json().path("last_seq").longValue();
	}

}
