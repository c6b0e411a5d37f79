package dev.agentsessions.settings;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
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
import org.springframework.util.ReflectionUtils;

/**
 * Looks at every setting before anything is made of them, where Spring would stop at the
 * first that is wrong: tells of all of them together, and warns of those that nothing
 * reads.
 */
final class SettingsCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {

	private static final Logger log = LoggerFactory.getLogger(SettingsCheck.class);

	private static final String ROOT = "dev.agentsessions";

	/** The records of settings by the prefix of their names, which several may share. */
	private final Map<String, List<Class<?>>> records = new TreeMap<>();

	/** What declares each setting. */
	private final Map<String, Field> fields = new LinkedHashMap<>();

	SettingsCheck() {
		ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
		scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
		// to look into each class takes a tenth of a start
		scanner.setResourcePattern("**/*Settings.class");
		for (BeanDefinition found : scanner.findCandidateComponents(ROOT)) {
			Class<?> type = ClassUtils.resolveClassName(String.valueOf(found.getBeanClassName()), null);
			addRecord(type.getAnnotation(ConfigurationProperties.class).value(), type);
		}
		OfSpringBoot.RECORDS.forEach(this::addRecord);
		this.records.forEach((prefix, types) -> types.forEach((each) -> addFields(prefix, each)));
	}

	private void addRecord(String prefix, Class<?> type) {
		this.records.computeIfAbsent(prefix, (first) -> new ArrayList<>()).add(type);
	}

	private void addFields(String prefix, Class<?> type) {
		ReflectionUtils.doWithFields(type, (field) -> {
			String name = prefix + "." + DataObjectPropertyName.toDashedForm(field.getName());
			if (field.isAnnotationPresent(NestedConfigurationProperty.class)) {
				addFields(name, field.getType());
			}
			else {
				this.fields.put(name, field);
			}
		}, (field) -> !Modifier.isStatic(field.getModifiers()));
	}

	@Override
	public void initialize(ConfigurableApplicationContext context) {
		ConfigurableEnvironment environment = context.getEnvironment();
		new UnknownSettings(this.fields.keySet()).in(environment.getPropertySources()).forEach(log::warn);
		List<String> faults = faults(environment);
		if (!faults.isEmpty()) {
			throw new SetupException(String.join("\n", faults),
					(faults.size() == 1) ? "Correct it, or leave it out for its default."
							: "Correct these " + faults.size() + " settings, or leave them out for their defaults.");
		}
	}

	/** A sentence for each setting that is wrong. */
	List<String> faults(ConfigurableEnvironment environment) {
		Binder binder = Binder.get(environment);
		Map<String, String> faults = new LinkedHashMap<>();
		BindHandler handler = new AbstractBindHandler() {

			/** What can't be read is told of, and taken for its default. */
			@Override
			public @Nullable Object onFailure(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Exception error) throws Exception {
				String setting = name.toString().replaceFirst("\\[.*", "");
				Field field = SettingsCheck.this.fields.get(setting);
				if (field == null) {
					throw error;
				}
				faults.put(setting,
						explainsItself(field) ? NestedExceptionUtils.getMostSpecificCause(error).getMessage() + "."
								: sentence(setting, "must be " + allowed(field), binder));
				return null;
			}

		};
		try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
			this.records.forEach((prefix, types) -> types.forEach((type) -> {
				Object settings = binder.bindOrCreate(prefix, Bindable.of(type), handler);
				for (ConstraintViolation<?> violation : validators.getValidator().validate(settings)) {
					String setting = prefix + "." + dashed(violation.getPropertyPath());
					Field field = this.fields.get(setting);
					// of what can't be read it is told why: it may hold a secret
					faults.putIfAbsent(setting, sentence(setting, (field != null && Bounds.of(field) != null)
							? "must be " + allowed(field) : violation.getMessage(), binder));
				}
			}));
		}
		return List.copyOf(faults.values());
	}

	/** Types of the service's own say what is wrong with a text, and keep secrets. */
	private static boolean explainsItself(Field field) {
		return field.getType().getName().startsWith(ROOT) && !field.getType().isEnum();
	}

	private static String dashed(Path path) {
		return StreamSupport.stream(path.spliterator(), false)
			.filter((node) -> node.getKind() == ElementKind.PROPERTY)
			.map((node) -> DataObjectPropertyName.toDashedForm(node.getName()))
			.collect(Collectors.joining("."));
	}

	private static String sentence(String setting, String allowed, Binder binder) {
		String text = binder.bind(setting, Bindable.of(String.class))
			.orElseGet(() -> String.join(",", binder.bind(setting, Bindable.listOf(String.class)).orElse(List.of())));
		return variable(setting) + " (" + setting + ") " + allowed + ", but is " + (text.isEmpty() ? "empty" : text)
				+ ".";
	}

	private static String allowed(Field field) {
		ResolvableType element = ResolvableType.forField(field).getGeneric(0);
		Class<?> type = ClassUtils
			.resolvePrimitiveIfNecessary((element != ResolvableType.NONE) ? element.toClass() : field.getType());
		if (type.isEnum()) {
			return choice(type, element != ResolvableType.NONE);
		}
		Bounds bounds = Bounds.of(field);
		String kind = switch (type.getSimpleName()) {
			case "Boolean" -> "true or false";
			case "Integer" -> "a whole number";
			case "Double" -> "a number";
			case "InetAddress" -> "an address or a host name that is known here";
			case "Duration" -> (bounds != null) ? "a time" : "a time such as 500ms, 3s or 10m";
			case "DataSize" -> "a size";
			default -> throw new IllegalStateException("no words for " + type);
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

	static String variable(String name) {
		return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
	}

}
