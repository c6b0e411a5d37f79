package dev.agentsessions.search.text;

import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Threads that cut messages into words: a large one takes a while, for which nobody else
 * should have to wait.
 */
@Component
public final class WordThreads implements DisposableBean {

	private final Scheduler scheduler = Schedulers.newParallel("words",
			Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

	public Scheduler scheduler() {
		return this.scheduler;
	}

	@Override
	public void destroy() {
		this.scheduler.dispose();
	}

}
