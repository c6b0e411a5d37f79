package dev.agentsessions.robustness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

import dev.agentsessions.Api;
import dev.agentsessions.OpenApiConformance;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;

import org.junit.jupiter.params.provider.EnumSource;

import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A sweep of mutated requests. <code>bench/robustness</code> runs it at any size.
 */
class RobustnessIT {

	/** So that all switches of a session fit into one page. */
	private static final int MOST_SWITCHES = 900;

	private final SweepSize size = SweepSize.ofSystemProperties();

	private final List<String> operations = List.copyOf(new OpenApiConformance().operations());

	private final Queue<String> faults = new ConcurrentLinkedQueue<>();

	private final Map<Integer, LongAdder> statuses = new ConcurrentHashMap<>();

	@ParameterizedTest
	@EnumSource(Engine.class)
	void whateverComesIsAnsweredInOneFormAndWritesAllOrNothing(Engine engine) {
		System.out.println("robustness: " + engine + " " + this.size);
		TestStore store = TestStore.on(engine);
		Api.together(this.size.clients(), (client) -> sweep(store, client));
		System.out.println("robustness: " + this.statuses);
		assertThat(this.faults).as(this.size.toString()).isEmpty();
		assertThat(this.statuses.keySet()).as("a sweep that was not all refusals").contains(200, 201, 400, 404, 405);
		Api.on(store).append(Api.newId(), message("after all")).expect(201);
	}

	private boolean sweep(TestStore store, int client) {
		RequestMaker requests = new RequestMaker(new Random(this.size.seed() + client), this.operations);
		String session = Api.newId();
		List<WrittenLog> logs = new ArrayList<>(List.of(new WrittenLog()));
		for (int i = 0; i < this.size.requests() / this.size.clients(); i++) {
			WrittenLog log = logs.get(logs.size() - 1);
			if (i % 3 > 0) {
				send(requests.anything(session), store);
			}
			else {
				RawAnswer answer = send(requests.write(log.session()), store);
				if (answer != null) {
					log.answered(answer);
				}
			}
			if (log.size() >= MOST_SWITCHES) {
				logs.add(new WrittenLog());
			}
		}
		Api api = Api.on(store);
		logs.forEach((log) -> this.faults.addAll(log.faults(api)));
		return true;
	}

	private @Nullable RawAnswer send(RawRequest request, TestStore store) {
		RawAnswer answer = RawAnswer.to(request, store.port());
		if (answer != null) {
			this.statuses.computeIfAbsent(answer.status(), (key) -> new LongAdder()).increment();
			String fault = Verdict.of(request, answer);
			if (!fault.isEmpty()) {
				this.faults.add(fault + "\n  " + request + "\n  " + answer);
			}
		}
		return answer;
	}

}
