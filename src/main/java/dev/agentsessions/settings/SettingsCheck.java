package dev.agentsessions.settings;

import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/**
 * Looks at every setting before anything is made of them, where Spring would stop at the
 * first that is wrong: tells of all of them together, and warns of those that nothing
 * reads.
 */
final class SettingsCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {

	private static final Logger log = LoggerFactory.getLogger(SettingsCheck.class);

	private static final String ROOT = "dev.agentsessions";

	/** Settings of Spring Boot that operators of this service need. */
	private static final Map<String, Class<?>> OF_SPRING_BOOT = new TreeMap<>(
			Map.of("spring.liquibase.enabled", Boolean.class, "spring.lifecycle.timeout-per-shutdown-phase",
					Duration.class, "management.tracing.sampling.probability", Double.class));

	/** The records of settings by the prefix of their names. */
	private final Map<String, Class<?>> records = new TreeMap<>(
			Map.of("server", Place.class, "management.server", Place.class));

	/** What declares each setting that belongs to a record. */
	private final Map<String, Field> fields = new LinkedHashMap<>();

	SettingsCheck() {
		ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
		scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
		for (BeanDefinition found : scanner.findCandidateComponents(ROOT)) {
			Class<?> type = ClassUtils.resolveClassName(String.valueOf(found.getBeanClassName()), null);
			this.records.put(type.getAnnotation(ConfigurationProperties.class).value(), type);
		}
		this.records.forEach(this::addFields);
	}

	private void addFields(String prefix, Class<?> type) {
		for (RecordComponent component : type.getRecordComponents()) {
			String name = prefix + "." + DataObjectPropertyName.toDashedForm(component.getName());
			Field field = field(type, component.getName());
			if (field.isAnnotationPresent(NestedConfigurationProperty.class)) {
				addFields(name, field.getType());
			}
			else {
				this.fields.put(name, field);
			}
		}
	}

	private static Field field(Class<?> type, String name) {
		try {
			return type.getDeclaredField(name);
		}
		catch (NoSuchFieldException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void initialize(ConfigurableApplicationContext context) {
		ConfigurableEnvironment environment = context.getEnvironment();
		new UnknownSettings(this.fields.keySet()).in(environment.getPropertySources()).forEach(log::warn);
		List<String> faults = faults(environment);
		if (!faults.isEmpty()) {
			throw new WrongSettingsException(faults);
		}
	}

	/** A sentence for each setting that is wrong. */
	List<String> faults(ConfigurableEnvironment environment) {
		Binder binder = Binder.get(environment);
		Map<String, String> faults = new LinkedHashMap<>();
		AbstractBindHandler conversion = new AbstractBindHandler() {

			/** What can't be read is told of, and taken for its default. */
			@Override
			public @Nullable Object onFailure(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Exception error) throws Exception {
				String setting = name.toString().replaceFirst("\\[.*", "");
				if (!SettingsCheck.this.fields.containsKey(setting) && !OF_SPRING_BOOT.containsKey(setting)) {
					throw error;
				}
				faults.put(setting, conversionFault(setting, target.getType(), text(setting, binder), error));
				return null;
			}

		};
		try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
			this.records.forEach((prefix, type) -> {
				Object settings = binder.bindOrCreate(prefix, Bindable.of(type), conversion);
				for (ConstraintViolation<?> violation : validators.getValidator().validate(settings)) {
					String setting = prefix + "." + dashed(violation.getPropertyPath());
					faults.put(setting, fault(setting, violation, text(setting, binder)));
				}
			});
		}
		OF_SPRING_BOOT.forEach((name, type) -> binder.bind(name, Bindable.of(type), conversion));
		return List.copyOf(faults.values());
	}

	/** Types of the service's own say themselves what is wrong. */
	private String conversionFault(String setting, ResolvableType type, String text, Exception error) {
		if (type.toClass().getName().startsWith(ROOT) && !type.toClass().isEnum()) {
			return NestedExceptionUtils.getMostSpecificCause(error).getMessage() + ".";
		}
		Field field = this.fields.get(setting);
		return sentence(setting, "must be " + expected(type, (field != null) ? Bounds.of(field) : null), text);
	}

	private String fault(String setting, ConstraintViolation<?> violation, String text) {
		Field field = this.fields.get(setting);
		Bounds bounds = (field != null) ? Bounds.of(field) : null;
		return sentence(setting, (field != null && bounds != null)
				? "must be " + expected(ResolvableType.forField(field), bounds) : violation.getMessage(), text);
	}

	private static String sentence(String setting, String allowed, String text) {
		return variable(setting) + " (" + setting + ") " + allowed + ", but is " + (text.isEmpty() ? "empty" : text)
				+ ".";
	}

	private static String dashed(Path path) {
		return StreamSupport.stream(path.spliterator(), false)
			.filter((node) -> node.getKind() == ElementKind.PROPERTY)
			.map((node) -> DataObjectPropertyName.toDashedForm(node.getName()))
			.collect(Collectors.joining("."));
	}

	/** What was set. */
	private static String text(String name, Binder binder) {
		return binder.bind(name, Bindable.of(String.class))
			.orElseGet(() -> binder.bind(name, Bindable.listOf(String.class))
				.map((parts) -> String.join(",", parts))
				.orElse(""));
	}

	private static String expected(ResolvableType type, @Nullable Bounds bounds) {
		Class<?> single = ClassUtils.resolvePrimitiveIfNecessary(
				type.resolveGeneric(0) != null ? type.getGeneric(0).toClass() : type.toClass());
		if (single.isEnum()) {
			return choice(single, type.hasGenerics());
		}
		String kind = switch (single.getSimpleName()) {
			case "Boolean" -> "true or false";
			case "Integer" -> "a whole number";
			case "Double" -> "a number";
			case "InetAddress" -> "an address or a host name that is known here";
			case "Duration" -> (bounds != null) ? "a time" : "a time such as 500ms, 3s or 10m";
			case "DataSize" -> "a size";
			default -> throw new IllegalStateException("no words for " + single);
		};
		if (bounds == null) {
			return kind;
		}
		return kind + ((bounds.most() != null) ? " from " + bounds.least() + " to " + bounds.most()
				: " of at least " + bounds.least());
	}

	private static String choice(Class<?> type, boolean several) {
		List<String> names = Arrays.stream(type.getEnumConstants())
			.map((constant) -> several ? constant.toString()
					: ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
			.toList();
		int last = names.size() - 1;
		return String.join(", ", names.subList(0, last)) + " or " + names.get(last);
	}

	/** Where Spring Boot has the service listen. */
	record Place(@Min(0) @Max(65_535) @Nullable Integer port, @Nullable InetAddress address) {
	}

	static String variable(String name) {
		return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
	}

}
