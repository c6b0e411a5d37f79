package dev.agentsessions;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.agentsessions.database.connect.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * A real PostgreSQL for the tests, started once: <code>TEST_DATABASE_URL</code> if that
 * is set; a container if Docker answers; else the binaries that come from Maven, as any
 * user, root included.
 */
public final class TestPostgres {

	private static final Pattern NAME = Pattern.compile("(?<!:):(\\w+)");

	private static final AtomicInteger databases = new AtomicInteger();

	private static @Nullable TestPostgres instance;

	private final String admin;

	private final List<String> nodes;

	/** Whether it goes on after the tests. */
	private final boolean lasting;

	private TestPostgres(String admin, boolean lasting) {
		this.admin = admin;
		this.nodes = nodes(admin);
		this.lasting = lasting;
	}

	/** The server of this run, started at the first call. */
	public static synchronized TestPostgres get() {
		TestPostgres server = instance;
		if (server == null) {
			server = start();
			instance = server;
		}
		return server;
	}

	/** A new empty database, on all nodes if the server has Citus. */
	public String newDatabase() {
		String name = "test_" + ProcessHandle.current().pid() + "_" + databases.incrementAndGet();
		execute(this.admin, "create database " + name);
		String url = this.admin.replaceFirst("/[^/?]+(\\?|$)", "/" + name + "$1");
		List<String> all = new ArrayList<>(List.of(url));
		for (String node : this.nodes) {
			execute(at(node, this.admin), "create database " + name);
			all.add(at(node, url));
		}
		if (!this.nodes.isEmpty()) {
			all.forEach((each) -> execute(each, "create extension citus"));
			execute(url, "select citus_set_coordinator_host('%s', %d)".formatted(DatabaseUrl.parse(url).host(),
					DatabaseUrl.parse(url).port()));
			this.nodes.forEach(
					(node) -> execute(url, "select citus_add_node('%s', %s)".formatted((Object[]) node.split(":"))));
		}
		if (this.lasting) {
			Runtime.getRuntime().addShutdownHook(new Thread(() -> all.forEach((each) -> drop(each, name))));
		}
		return url;
	}

	private void drop(String database, String name) {
		execute(database.replaceFirst("/[^/?]+(\\?|$)", "/" + DatabaseUrl.parse(this.admin).database() + "$1"),
				"drop database if exists " + name + " with (force)");
	}

	/** The same database on another machine. */
	private static String at(String node, String url) {
		return url.replaceFirst("(?<=[/@])[^/@]+(?=/[^/]*$)", node);
	}

	/** The workers of Citus, as host:port; none if the server has no Citus. */
	private static List<String> nodes(String url) {
		List<String> nodes = new ArrayList<>();
		try (Connection connection = connect(url);
				Statement statement = connection.createStatement();
				ResultSet citus = statement.executeQuery("select 1 from pg_extension where extname = 'citus'")) {
			if (citus.next()) {
				try (ResultSet rows = statement
					.executeQuery("select nodename || ':' || nodeport from pg_dist_node where groupid > 0")) {
					while (rows.next()) {
						nodes.add(rows.getString(1));
					}
				}
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		return nodes;
	}

	/** How PostgreSQL would go about it. */
	public static String plan(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("explain " + sql)) {
			StringBuilder plan = new StringBuilder();
			while (rows.next()) {
				plan.append(rows.getString(1)).append('\n');
			}
			return plan.toString();
		}
	}

	/** The same with these values for the names in the statement. */
	public static String plan(Connection connection, String sql, Map<String, Object> values) throws SQLException {
		return plan(connection, NAME.matcher(sql).replaceAll((found) -> {
			Object value = values.get(found.group(1));
			return Matcher.quoteReplacement((value instanceof Number || value instanceof Boolean)
					? String.valueOf(value) : "'" + String.valueOf(value).replace("'", "''") + "'");
		}));
	}

	/** A JDBC connection to one of these databases. */
	public static Connection connect(String url) throws SQLException {
		DatabaseUrl parsed = DatabaseUrl.parse(url);
		return DriverManager.getConnection(
				"jdbc:postgresql://" + parsed.host() + ":" + parsed.port() + "/" + parsed.database(), parsed.username(),
				parsed.password());
	}

	private static void execute(String url, String sql) {
		try (Connection connection = connect(url); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static TestPostgres start() {
		String given = System.getenv("TEST_DATABASE_URL");
		if (given != null && !given.isBlank()) {
			return new TestPostgres(given, true);
		}
		return new TestPostgres(DockerClientFactory.instance().isDockerAvailable() ? container() : binaries(), false);
	}

	@SuppressWarnings("resource") // lives as long as the tests; Testcontainers removes it
	private static String container() {
		PostgreSQLContainer container = new PostgreSQLContainer("postgres:18-alpine");
		container.start();
		return "postgresql://" + container.getUsername() + ":" + container.getPassword() + "@" + container.getHost()
				+ ":" + container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT) + "/"
				+ container.getDatabaseName();
	}

	private static String binaries() {
		try {
			EmbeddedPostgres server = EmbeddedPostgres.builder()
				.setServerConfig("max_connections", "200")
				.setServerConfig("fsync", "off")
				.start();
			return "postgresql://postgres:postgres@127.0.0.1:" + server.getPort() + "/postgres";
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
