package dev.agentsessions;

import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/**
 * The guard against blocking is awake.
 */
class BlockingCallsTest {

	@Test
	void aBlockingCallOnAParallelThreadFails() {
		StepVerifier.create(Mono.fromRunnable(Thread::yield).subscribeOn(Schedulers.parallel()))
			.verifyError(BlockingOperationError.class);
	}

	@Test
	void aBlockingCallWhereBlockingIsAllowedDoesNot() {
		StepVerifier.create(Mono.fromRunnable(Thread::yield).subscribeOn(Schedulers.boundedElastic())).verifyComplete();
	}

}
