package dev.agentsessions.database.rows;

import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;

/**
 * Binds values that may be absent: a null needs its type.
 */
public final class Binding {

	private static final Pattern NAME = Pattern.compile("(?<!:):(\\w+)");

	private Binding() {
	}

	public static <T> GenericExecuteSpec bind(GenericExecuteSpec statement, String name, @Nullable T value,
			Class<T> type) {
		return (value != null) ? statement.bind(name, value) : statement.bindNull(name, type);
	}

	public static GenericExecuteSpec bind(GenericExecuteSpec statement, String name, @Nullable JsonText value) {
		return bind(statement, name, (value != null) ? value.json() : null, String.class);
	}

	/** Binds those of these values that a statement names. */
	public static GenericExecuteSpec bindNamed(GenericExecuteSpec statement, String sql, Map<String, Object> values) {
		GenericExecuteSpec bound = statement;
		for (String name : NAME.matcher(sql).results().map((found) -> found.group(1)).collect(Collectors.toSet())) {
			bound = bound.bind(name, Objects.requireNonNull(values.get(name), name));
		}
		return bound;
	}

}
