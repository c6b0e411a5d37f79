package dev.agentsessions.database.rows;

import org.jspecify.annotations.Nullable;

import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;

/**
 * Binds values that may be absent: a null needs its type.
 */
public final class Binding {

	private Binding() {
	}

	public static <T> GenericExecuteSpec bind(GenericExecuteSpec statement, String name, @Nullable T value,
			Class<T> type) {
		return (value != null) ? statement.bind(name, value) : statement.bindNull(name, type);
	}

	public static GenericExecuteSpec bind(GenericExecuteSpec statement, String name, @Nullable JsonText value) {
		return bind(statement, name, (value != null) ? value.json() : null, String.class);
	}

}
