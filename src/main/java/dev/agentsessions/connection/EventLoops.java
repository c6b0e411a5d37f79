package dev.agentsessions.connection;

import reactor.netty.resources.LoopResources;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * The event loops: one for each core, for clients and for the database alike. With
 * threads of its own for each of the two, a request would wake up two of them more, and
 * there would be more threads than cores to run them on.
 */
@Configuration(proxyBeanMethods = false)
class EventLoops {

	private static final int LEAST = 2;

	@Bean(destroyMethod = "dispose")
	LoopResources loops() {
		int count = Math.max(LEAST, Runtime.getRuntime().availableProcessors());
		// without colocation: all connections to the database on the loop that happens to
		// open them would share one core
		return LoopResources.create("loop", LoopResources.DEFAULT_IO_SELECT_COUNT, count, true, false);
	}

	/** What Spring gives a server. */
	@Bean
	ReactorResourceFactory reactorResourceFactory(LoopResources loops) {
		ReactorResourceFactory factory = new ReactorResourceFactory();
		factory.setUseGlobalResources(false);
		factory.setLoopResources(loops);
		return factory;
	}

}
