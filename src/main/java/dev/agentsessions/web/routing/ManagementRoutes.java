package dev.agentsessions.web.routing;

import reactor.core.publisher.Mono;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.support.RouterFunctionMapping;

/**
 * The management server finds the routes of the service and would serve them too. This
 * leaves it those of health, info and metrics.
 * <p>
 * Spring Boot imports this into the context of the management server, and only there:
 * hence it is not annotated as a configuration, and component scanning passes over it.
 */
class ManagementRoutes {

	@Bean
	static BeanPostProcessor managementHasNoOtherRoutes() {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessBeforeInitialization(Object bean, String name) {
				return (bean instanceof RouterFunctionMapping) ? new RouterFunctionMapping((request) -> Mono.empty())
						: bean;
			}

		};
	}

}
