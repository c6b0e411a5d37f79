package dev.agentsessions.database.connect;

import java.util.Map;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The forms of DATABASE_URL that users have, and what is said about the others.
 */
class DatabaseUrlTest {

	@Test
	void readsEveryPartOfAPostgresqlUrl() {
		DatabaseUrl url = DatabaseUrl.parse("postgresql://ann:pw@db.example:6543/store?sslmode=require");
		assertThat(url.engine()).isEqualTo(Engine.POSTGRESQL);
		assertThat(url.host()).isEqualTo("db.example");
		assertThat(url.port()).isEqualTo(6543);
		assertThat(url.database()).isEqualTo("store");
		assertThat(url.username()).isEqualTo("ann");
		assertThat(url.password()).isEqualTo("pw");
		assertThat(url.parameters()).containsExactlyEntriesOf(Map.of("sslmode", "require"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgresql", "postgres", "POSTGRESQL", "postgresql+asyncpg", "postgresql+psycopg",
			"postgresql+psycopg2" })
	void knowsTheNamesOfPostgresql(String scheme) {
		DatabaseUrl url = DatabaseUrl.parse(scheme + "://ann:pw@db.example/store");
		assertThat(url).isEqualTo(DatabaseUrl.parse("postgresql://ann:pw@db.example:5432/store"));
	}

	@Test
	void thePortIs5432UnlessGiven() {
		assertThat(DatabaseUrl.parse("postgresql://h/db").port()).isEqualTo(5432);
		assertThat(DatabaseUrl.parse("postgresql://h:/db").port()).isEqualTo(5432);
		assertThat(DatabaseUrl.parse("postgresql://h:1/db").port()).isEqualTo(1);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', value = { "p%40ss%2Fw%3Ard, p@ss/w:rd", "a+b, a+b", "a%2Bb, a+b", "a%20b, a b",
			"%D0%BF%25, п%", "a:b, a:b", "%23%3F%5B%5D, #?[]", "'!$&()*;=, '!$&()*;=" })
	void passwordsArePercentDecodedAndAPlusIsAPlus(String encoded, String password) {
		assertThat(DatabaseUrl.parse("postgresql://ann:" + encoded + "@h/db").password()).isEqualTo(password);
	}

	@Test
	void usersAndDatabasesArePercentDecoded() {
		DatabaseUrl url = DatabaseUrl.parse("postgresql://a%40corp:pw@h/my%20db");
		assertThat(url.username()).isEqualTo("a@corp");
		assertThat(url.database()).isEqualTo("my db");
	}

	@ParameterizedTest
	@ValueSource(strings = { "my_db", "db-1.example", "127.0.0.1", "[::1]" })
	void aHostIsANameOrAnAddress(String host) {
		DatabaseUrl url = DatabaseUrl.parse("postgresql://ann:pw@" + host + ":6543/db");
		assertThat(url.host()).isEqualTo(host);
		assertThat(url.port()).isEqualTo(6543);
		assertThat(url.username()).isEqualTo("ann");
	}

	@Test
	void userAndPasswordMayBeMissing() {
		assertThat(DatabaseUrl.parse("postgresql://h/db").username()).isEqualTo("postgres");
		assertThat(DatabaseUrl.parse("postgresql://h/db").password()).isNull();
		assertThat(DatabaseUrl.parse("postgresql://:secret@h/db").username()).isEqualTo("postgres");
		assertThat(DatabaseUrl.parse("h2:mem:a").username()).isEmpty();
		assertThat(DatabaseUrl.parse("postgresql://ann@h/db").username()).isEqualTo("ann");
		assertThat(DatabaseUrl.parse("postgresql://ann@h/db").password()).isNull();
		assertThat(DatabaseUrl.parse("postgresql://ann:@h/db").password()).isEmpty();
	}

	@Test
	void h2IsAFileOrInMemory() {
		DatabaseUrl file = DatabaseUrl.parse("h2:file:./data/store");
		assertThat(file.engine()).isEqualTo(Engine.H2);
		assertThat(file.database()).isEqualTo("file:./data/store");
		assertThat(file.jdbc()).startsWith("jdbc:h2:file:./data/store;").contains(";WRITE_DELAY=0;");
		assertThat(DatabaseUrl.parse("h2:mem:a").database()).isEqualTo("mem:a");
		assertThat(DatabaseUrl.parse("h2:mem:a").jdbc()).startsWith("jdbc:h2:mem:a;").contains(";MODE=PostgreSQL;");
	}

	@Test
	void theJdbcUrlNamesTheSameDatabaseWithoutUserAndPassword() {
		String jdbc = DatabaseUrl
			.parse("postgres://ann:sekret@db.example/my%20db?sslmode=verify-full&sslrootcert=/etc/a%20b.pem"
					+ "&application_name=x%26y")
			.jdbc();
		assertThat(jdbc).startsWith("jdbc:postgresql://db.example:5432/my+db?")
			.contains("&sslmode=verify-full", "&sslrootcert=%2Fetc%2Fa+b.pem", "&ApplicationName=x%26y")
			.contains("connectTimeout=", "tcpKeepAlive=true")
			.doesNotContain("sekret", "ann");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "store", "mysql://ann:sekret@h/db", "jdbc:postgresql://ann:sekret@h/db", "h2:",
			"h2:tcp:ann:sekret@h", "sqlite:///sekret.db", "://ann:sekret@h/db", "postgresql+pg8000://ann:sekret@h/db" })
	void refusesOtherDatabases(String url) {
		assertRefused(url, "neither postgresql:// nor h2:file:");
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgresql://ann:sekret@h", "postgresql://ann:sekret@h/", "postgresql://ann:sekret@/db",
			"postgresql:///db", "postgresql:sekret", "postgresql://ann:sekret@h/db/more",
			"postgresql://ann:se/sekret@h/db", "postgresql://ann:se?sekret@h/db", "postgresql://ann:se#sekret@h/db",
			"postgresql://ann:12#sekret@h/db", "postgresql://ann:sekret@h:port/db", "postgresql://ann:se@sekret@h/db" })
	void refusesAUrlWithoutHostOrDatabase(String url) {
		assertRefused(url, "host or database is missing");
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgresql://ann:sekret@h:0/db", "postgresql://ann:sekret@h:65536/db" })
	void refusesPortsThatCannotBe(String url) {
		assertRefused(url, "the port must be a number from 1 to 65535");
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgresql://ann:se%zzsekret@h/db", "postgresql://ann:se sekret@h/db",
			"postgresql://ann:se{sekret@h/db", "postgresql://ann:sekret%@h/db" })
	void refusesWhatIsNoUrl(String url) {
		assertRefused(url, "not a URL");
	}

	@Test
	void refusesAnUnknownParameterByItsName() {
		assertRefused("postgresql://ann:sekret@h/db?ssl_mode=require", "ssl_mode", "sslmode");
		assertRefused("postgresql://ann@h/db?password=sekret", "parameter password");
	}

	@Test
	void aPasswordThatLooksLikeAParameterIsNotShown() {
		assertRefused("postgresql://ann:12/3?sekret@h/db", "percent-encode");
		assertRefused("postgresql://ann:12/3?sekret&x@h/db", "percent-encode");
	}

	@Test
	void textOfAUrlHasNoPassword() {
		assertThat(DatabaseUrl.parse("postgresql://ann:sekret@h/db?sslmode=require"))
			.hasToString("postgresql://h:5432/db");
		assertThat(DatabaseUrl.parse("h2:mem:a")).hasToString("h2:mem:a");
	}

	private static void assertRefused(String url, String... reasons) {
		assertThatIllegalArgumentException().isThrownBy(() -> DatabaseUrl.parse(url))
			.satisfies((error) -> assertThat(error.getMessage()).contains(reasons)
				.contains("DATABASE_URL", "Write postgresql://user:password@host:5432/database")
				.doesNotContain("sekret"))
			.withNoCause();
	}

}
