package dev.agentsessions.web.routing;

import reactor.core.publisher.Mono;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.reactive.ReactiveWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.web.reactive.function.server.support.RouterFunctionMapping;

/**
 * Where health in detail and metrics are. Several replicas on one machine that were given
 * no more than a port each would all want the same port for this, and none but the first
 * would start. So the default port is a wish; one that was set on purpose is an order.
 * <p>
 * Spring Boot imports this into the context of the management server, and only there:
 * hence it is not annotated as a configuration, and component scanning passes over it.
 */
class ManagementPort {

	private static final ConfigurationPropertyName PORT = ConfigurationPropertyName.of("management.server.port");

	/** What Spring Boot calls the factory of the management server. */
	private static final String FACTORY = "ManagementContextWebServerFactory";

	/** What it calls the settings that are in the jar. */
	private static final String OWN_SETTINGS = "'class path resource [application.yaml]'";

	/**
	 * The management server would find the routes of the service and serve them too.
	 */
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

	@Bean
	static BeanPostProcessor managementPortIsAWish(Environment environment) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String name) {
				return (name.equals(FACTORY) && bean instanceof NettyReactiveWebServerFactory factory
						&& !isSetOnPurpose(environment)) ? anyPortInstead(factory) : bean;
			}

		};
	}

	private static ReactiveWebServerFactory anyPortInstead(NettyReactiveWebServerFactory factory) {
		return (handler) -> new YieldingWebServer(factory.getWebServer(handler), () -> {
			factory.setPort(0);
			return factory.getWebServer(handler);
		});
	}

	/** Whether the value comes from elsewhere than this jar's own application.yaml. */
	private static boolean isSetOnPurpose(Environment environment) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source.getConfigurationProperty(PORT) != null) {
				return !(source.getUnderlyingSource() instanceof PropertySource<?> properties
						&& properties.getName().contains(OWN_SETTINGS));
			}
		}
		return false;
	}

}
