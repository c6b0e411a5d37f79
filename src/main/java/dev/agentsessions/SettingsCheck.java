package dev.agentsessions;

import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.database.connect.DatabaseUrl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.unit.DataSize;

/**
 * Looks at every setting before anything is made of them: tells of all that are wrong
 * together, and warns of those that nothing reads. A setting is right if its record can
 * be made of it and the defaults of the others.
 */
final class SettingsCheck implements BeanFactoryPostProcessor, PriorityOrdered {

	private static final Logger log = LoggerFactory.getLogger(SettingsCheck.class);

	private static final String PREFIX = "store.";

	private static final String URL = "store.database.url";

	/**
	 * Settings of Spring Boot that operators of this service need. It reads ports before
	 * this, and tells of wrong ones itself.
	 */
	private static final Map<String, Class<?>> OF_SPRING_BOOT = Map.of("server.address", InetAddress.class,
			"management.server.address", InetAddress.class, "spring.liquibase.enabled", Boolean.class,
			"spring.lifecycle.timeout-per-shutdown-phase", Duration.class, "management.tracing.sampling.probability",
			Double.class);

	private final ConfigurableEnvironment environment;

	private final Binder binder;

	SettingsCheck(ConfigurableEnvironment environment) {
		this.environment = environment;
		this.binder = Binder.get(environment);
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 100;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
		Map<String, Known> known = new LinkedHashMap<>();
		for (String bean : beans.getBeanDefinitionNames()) {
			Class<?> type = bean.startsWith(PREFIX) ? beans.getType(bean, false) : null;
			ConfigurationProperties properties = (type != null) ? type.getAnnotation(ConfigurationProperties.class)
					: null;
			if (type != null && properties != null && type.isRecord()) {
				add(known, properties.value(), type, new Root(properties.value(), type));
			}
		}
		new UnknownSettings(known.keySet()).in(this.environment.getPropertySources()).forEach(log::warn);
		List<String> faults = Stream
			.concat(known.entrySet().stream().map((each) -> fault(each.getKey(), each.getValue())),
					OF_SPRING_BOOT.entrySet()
						.stream()
						.sorted(Map.Entry.comparingByKey())
						.map((each) -> conversionFault(each.getKey(), ResolvableType.forClass(each.getValue()))))
			.filter(Objects::nonNull)
			.toList();
		if (!faults.isEmpty()) {
			throw new WrongSettingsException(faults);
		}
	}

	private static void add(Map<String, Known> known, String prefix, Class<?> type, Root root) {
		for (RecordComponent component : type.getRecordComponents()) {
			String name = prefix + "." + dashed(component.getName());
			if (component.getType().isRecord() && isNested(type, component)) {
				add(known, name, component.getType(), root);
			}
			else {
				known.put(name, new Known(ResolvableType.forType(component.getGenericType()), root));
			}
		}
	}

	private static boolean isNested(Class<?> type, RecordComponent component) {
		try {
			return type.getDeclaredField(component.getName()).isAnnotationPresent(NestedConfigurationProperty.class);
		}
		catch (NoSuchFieldException ex) {
			return false;
		}
	}

	private @Nullable String fault(String name, Known known) {
		String text = text(name);
		if (text == null) {
			return null;
		}
		if (name.equals(URL)) {
			return urlFault(text);
		}
		String fault = conversionFault(name, known.type());
		if (fault != null) {
			return fault;
		}
		try {
			new Binder(List.of(new MapConfigurationPropertySource(Map.of(name, text))), null,
					ApplicationConversionService.getSharedInstance(), null)
				.bindOrCreate(known.root().prefix(), Bindable.of(known.root().type()));
			return null;
		}
		catch (BindException ex) {
			return withVariable(name, innermost(ex));
		}
	}

	private @Nullable String conversionFault(String name, ResolvableType type) {
		try {
			this.binder.bind(name, Bindable.of(type));
			return null;
		}
		catch (BindException ex) {
			return both(name) + " must be " + expected(type) + ", but is " + text(name);
		}
	}

	private static @Nullable String urlFault(String url) {
		try {
			DatabaseUrl.parse(url);
			return null;
		}
		catch (DatabaseUrl.WrongUrlException ex) {
			return ex.getMessage();
		}
	}

	/** What was set; null if nothing was. */
	private @Nullable String text(String name) {
		String text = this.binder.bind(name, Bindable.of(String.class)).orElse(null);
		return (text != null) ? text
				: this.binder.bind(name, Bindable.listOf(String.class))
					.map((parts) -> String.join(",", parts))
					.orElse(null);
	}

	private static String expected(ResolvableType type) {
		Class<?> single = type.hasGenerics() ? type.getGeneric(0).toClass() : type.toClass();
		if (single.isEnum()) {
			List<String> names = Arrays.stream(single.getEnumConstants())
				.map((constant) -> type.hasGenerics() ? constant.toString()
						: ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
				.toList();
			String last = names.get(names.size() - 1);
			return ((names.size() > 1) ? String.join(", ", names.subList(0, names.size() - 1)) + " or " : "") + last;
		}
		if (single == Duration.class) {
			return "a time such as 500ms, 3s or 10m";
		}
		if (single == DataSize.class) {
			return "a size such as 512KB or 1MB";
		}
		if (single == InetAddress.class) {
			return "an address or a host name that is known here";
		}
		return switch (single.getSimpleName()) {
			case "boolean", "Boolean" -> "true or false";
			case "int", "Integer", "long", "Long" -> "a whole number";
			case "Double" -> "a number";
			default -> "of the type " + single.getSimpleName();
		};
	}

	private static String withVariable(String name, String message) {
		return message.startsWith(name + " ") ? both(name) + message.substring(name.length())
				: both(name) + ": " + message;
	}

	private static String both(String name) {
		return variable(name) + " (" + name + ")";
	}

	static String variable(String name) {
		return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
	}

	private static String dashed(String name) {
		return name.chars()
			.mapToObj((c) -> Character.isUpperCase(c) ? "-" + (char) Character.toLowerCase(c) : "" + (char) c)
			.collect(Collectors.joining());
	}

	private static String innermost(Throwable error) {
		Throwable cause = error;
		while (cause.getCause() != null && cause.getCause() != cause) {
			cause = cause.getCause();
		}
		return String.valueOf(cause.getMessage());
	}

	private record Root(String prefix, Class<?> type) {
	}

	private record Known(ResolvableType type, Root root) {
	}

	/** Some settings are wrong; each fault is a sentence that names its setting. */
	static final class WrongSettingsException extends RuntimeException {

		private final List<String> faults;

		WrongSettingsException(List<String> faults) {
			super(faults.stream().map((fault) -> fault + ".").collect(Collectors.joining("\n")));
			this.faults = new ArrayList<>(faults);
		}

		int count() {
			return this.faults.size();
		}

	}

}
