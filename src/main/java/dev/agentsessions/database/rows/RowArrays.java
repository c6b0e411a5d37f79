package dev.agentsessions.database.rows;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;

import io.r2dbc.spi.Statement;
import org.jspecify.annotations.Nullable;

import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;

/**
 * The columns in which a statement of PostgreSQL takes rows: each is one array, of all of
 * which <code>unnest</code> makes rows again.
 *
 * @param <T> a row
 */
public final class RowArrays<T> {

	private final String name;

	private final List<Column<T, ?>> columns = new ArrayList<>();

	/**
	 * Begins with no columns.
	 * @param name by which the statement calls the rows
	 */
	public RowArrays(String name) {
		this.name = name;
	}

	public RowArrays<T> number(String column, Function<T, @Nullable Long> value) {
		return add(column, "bigint", Long[]::new, value);
	}

	public RowArrays<T> flag(String column, Function<T, @Nullable Boolean> value) {
		return add(column, "bool", Boolean[]::new, value);
	}

	public RowArrays<T> text(String column, Function<T, @Nullable String> value) {
		return add(column, "text", String[]::new, value);
	}

	public RowArrays<T> time(String column, Function<T, @Nullable Instant> value) {
		return add(column, "timestamptz", Instant[]::new, value);
	}

	/** As text, which <code>::jsonb</code> makes JSON of. */
	public RowArrays<T> json(String column, Function<T, @Nullable JsonText> value) {
		return text(column, (row) -> {
			JsonText json = value.apply(row);
			return (json != null) ? json.json() : null;
		});
	}

	/**
	 * SQL for the rows, in no order.
	 * @param parameter the number of the first one, from 1
	 */
	public String sql(int parameter) {
		return sql(parameter, "", "");
	}

	/**
	 * SQL for the rows, in no order, with a column more that counts them from 1.
	 * @param parameter the number of the first one, from 1
	 * @param column the name of that column
	 */
	public String numbered(int parameter, String column) {
		return sql(parameter, " with ordinality", ", " + column);
	}

	private String sql(int parameter, String ordinality, String column) {
		List<String> arrays = new ArrayList<>();
		for (Column<T, ?> each : this.columns) {
			arrays.add("$" + (parameter + arrays.size()) + "::" + each.type + "[]");
		}
		return "unnest(" + String.join(", ", arrays) + ")" + ordinality + " " + this.name + "("
				+ String.join(", ", this.columns.stream().map(Column::name).toList()) + column + ")";
	}

	/** How many parameters there are. */
	public int count() {
		return this.columns.size();
	}

	/**
	 * Binds the rows.
	 * @param parameter the number of the first one, from 1
	 */
	public void bind(Statement statement, int parameter, List<T> rows) {
		int index = parameter - 1;
		for (Column<T, ?> column : this.columns) {
			statement.bind(index++, column.array(rows));
		}
	}

	/**
	 * Binds one row to parameters that are named like the columns. No value may be null.
	 */
	public GenericExecuteSpec bind(GenericExecuteSpec statement, T row) {
		GenericExecuteSpec bound = statement;
		for (Column<T, ?> column : this.columns) {
			bound = bound.bind(column.name, Objects.requireNonNull(column.value.apply(row)));
		}
		return bound;
	}

	private <V> RowArrays<T> add(String column, String type, IntFunction<@Nullable V[]> array,
			Function<T, @Nullable V> value) {
		this.columns.add(new Column<>(column, type, array, value));
		return this;
	}

	private record Column<T, V>(String name, String type, IntFunction<@Nullable V[]> array,
			Function<T, @Nullable V> value) {

		Object array(List<T> rows) {
			@Nullable V[] values = this.array.apply(rows.size());
			for (int i = 0; i < values.length; i++) {
				values[i] = this.value.apply(rows.get(i));
			}
			return values;
		}

	}

}
