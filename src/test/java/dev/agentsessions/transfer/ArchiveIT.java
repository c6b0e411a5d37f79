package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import dev.agentsessions.transfer.store.StoreTables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A whole store as a file: exact, and refused if anything of it is missing or changed.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class ArchiveIT {

	private static String filled = "";

	/** Into which nothing may come. */
	private static String untouched = "";

	private static byte[] archive = new byte[0];

	private final Engine engine;

	@TempDir
	private Path directory;

	ArchiveIT(Engine engine) {
		this.engine = engine;
	}

	@BeforeParameterizedClassInvocation
	static void fill(Engine engine) throws SQLException {
		filled = TestStore.newDatabase(engine);
		try (TestStore service = TestStore.start(filled)) {
			Api api = Api.on(service);
			api.append("plain",
					json("[{'role':'user','content':'a\\nb \\\\ \\u0001 \\u2028 😀 \\u007f','token_count':3},"
							+ "{'role':'assistant','tool_calls':[{'n':1.50,'big':123456789012345678901234567890,'e':1e-7,'s':'\\u0007'}],"
							+ "'metadata':{'b':[],'a':{'z':null},'" + "long".repeat(15_000)
							+ "':1}},{'id':'m','role':'tool','content':[{'a':1.50}],'name':'','tool_call_id':'c','x':null,"
							+ "'y':'é','extra':[1e2]}]"))
				.expect(201);
			api.request(HttpMethod.PUT, "/v1/sessions/{id}/view", "plain")
				.json(json("{'ranges':[[3,3],[1,1],[4]]}"))
				.send()
				.expect(200);
			api.request(HttpMethod.PATCH, "/v1/sessions/{id}", "plain")
				.json(json("{'owner':'ann é','title':'A Title','labels':{'b':'\\\"','a b':''},"
						+ "'expires_at':'2100-01-01T00:00:00Z'}"))
				.send()
				.expect(200);
			api.put(json("{'messages':[{'role':'user','content':'old'}]}"), "replaced").expect(200);
			api.put(json("{'messages':[{'role':'user','content':'new'}]}"), "replaced").expect(200);
			api.put(json("{'messages':[]}"), "emptied é/%".replace("/", "")).expect(200);
			for (String agent : List.of("a", "b")) {
				api.post("/v1/sessions/{id}/agent-switches", "plain")
					.json(json("{'to_agent':'" + agent + "','reason':'\\\"why\\\"','metadata':{}}"))
					.send()
					.expect(201);
			}
			api.request(HttpMethod.PUT, "/v1/sessions/{id}/agent-context", "replaced")
				.json(json("{'current_agent':'q','metadata':{'k':1},'switch_count':5}"))
				.send()
				.expect(200);
			api.post("/v1/sessions/{id}/agent-switches", "emptied é%")
				.json(json("{'to_agent':'x'}"))
				.send()
				.expect(201);
			api.request(HttpMethod.DELETE, "/v1/sessions/{id}/agent-context", "emptied é%").send().expect(204);
		}
		StoreDump.execute(filled,
				"insert into sessions (tenant, session_id, metadata_json) values ('other', 'plain', '{}')",
				"update sessions set deleted_at = now(), is_active = false where session_id = 'replaced'");
		archive = Command.run(filled, "export", "--to", "-").expect(0).out();
		untouched = TestStore.newDatabase(engine);
	}

	@AfterParameterizedClassInvocation
	static void forget() {
		filled = "";
		untouched = "";
		archive = new byte[0];
	}

	@Test
	void exportImportExportIsTheSameFile() throws SQLException, IOException {
		String other = TestStore.newDatabase(this.engine);
		Path file = write(archive);
		Command done = Command.run(other, "import", "--from", file.toString()).expect(0);
		assertThat(done.count("sessions")).isEqualTo(4);
		assertThat(done.count("messages")).isEqualTo(4);
		assertThat(Command.run(other, "export", "--to", "-").out()).isEqualTo(archive);
		assertThat(withoutIds(other)).isEqualTo(withoutIds(filled));
		assertThat(Command.run(other, "import", "--from", file.toString()).expect(0).count("already there"))
			.isEqualTo(4);
	}

	@Test
	void whatPostgresqlPrintedH2KeepsAsItIs() {
		String other = TestStore.newDatabase(Engine.H2);
		Command.run(other, archive, "import", "--from", "-").expect(0);
		assertThat(Command.run(other, "export", "--to", "-").out()).isEqualTo(archive);
	}

	@Test
	void theServiceServesWhatWasImported() {
		String other = TestStore.newDatabase(this.engine);
		Command.run(other, archive, "import", "--from", "-").expect(0);
		try (TestStore before = TestStore.start(filled); TestStore after = TestStore.start(other)) {
			for (String path : List.of("/v1/sessions?include_deleted=true&order=created",
					"/v1/sessions/plain/messages?after=0", "/v1/sessions/replaced/messages?include_deleted=true",
					"/v1/sessions/plain/agent-switches", "/v1/sessions/plain/agent-context", "/v1/sessions/plain/stats",
					"/v1/sessions/plain/view", "/v1/sessions/plain/history", "/v1/sessions?owner=ann%20%C3%A9",
					"/v1/sessions?title=TITLE&label=a%20b:", "/v1/sessions?owner=ann%20%C3%A9&order=created")) {
				assertThat(Api.on(after).get(path).json()).as(path).isEqualTo(Api.on(before).get(path).json());
			}
			assertThat(Api.on(after).get("/v1/sessions?title=TITLE&label=a%20b:").data()).hasSize(1);
			Api.on(after).append("plain", Json.message("more")).expect(201);
			assertThat(Api.on(after).session("plain").path("last_seq").longValue()).isEqualTo(4);
		}
	}

	@Test
	void theFormatIsTheDocumentedOne() {
		List<JsonNode> lines = new String(archive, StandardCharsets.UTF_8).lines().map(Json::parse).toList();
		assertThat(lines.get(0)).hasToString("{\"format\":\"agent-session-store\",\"version\":1}");
		assertThat(lines.stream().skip(1).map((line) -> line.propertyNames().iterator().next())).containsExactly(
				"session", "agent_context", "message", "message", "message", "agent_switch", "agent_switch", "session",
				"agent_context", "message", "session", "session", "end");
		JsonNode end = lines.get(lines.size() - 1).path("end");
		assertThat(end.path("sessions").longValue()).isEqualTo(4);
		assertThat(end.path("messages").longValue()).isEqualTo(4);
		assertThat(end.path("agent_contexts").longValue()).isEqualTo(2);
		assertThat(end.path("agent_switches").longValue()).isEqualTo(2);
		assertThat(lines.get(9).at("/agent_context/switch_count").longValue()).isEqualTo(5);
		assertThat(lines.get(8).at("/session/first_seq").longValue()).isEqualTo(3);
		assertThat(lines.get(11).at("/session/last_switch_no").longValue()).isEqualTo(2);
	}

	@Test
	void aFileThatIsCutOffIsRefusedAndNothingIsWritten() throws IOException, SQLException {
		int lastLine = new String(archive, StandardCharsets.ISO_8859_1).lastIndexOf("{\"end\"");
		int firstLine = new String(archive, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
		for (int length : new int[] { 0, 1, firstLine, archive.length / 2, lastLine, lastLine + 10,
				archive.length - 1 }) {
			assertRefused(Arrays.copyOf(archive, length), "not a whole export");
		}
		assertThat(Command.run(untouched, Arrays.copyOf(archive, lastLine), "import", "--from", "-").expect(1).err())
			.contains("not a whole export");
	}

	@Test
	void aFileInWhichAByteIsAlteredIsRefusedAndNothingIsWritten() throws IOException, SQLException {
		for (int i : IntStream.range(0, 12).map((n) -> n * (archive.length - 2) / 11).toArray()) {
			byte[] altered = archive.clone();
			altered[i] ^= 1;
			assertRefused(altered, "");
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "\"role\":\"tool\" | \"role\":\"bot\" | Line 6", "\"seq\":2 | \"seq\":3 | Line 5",
					"\"switch_no\":2 | \"switch_no\":1 | Line 8", "\"version\":1 | \"version\":2 | version",
					"\"messages\":4 | \"messages\":5 | as many records", "{\"agent_context\": | {\"other\": | Line 3",
					"\"is_active\":true | \"is_active\":1 | Line 2" })
	void aFileThatExportWouldNotWriteIsRefusedEvenIfItsChecksumIsRight(String from, String to, String said)
			throws IOException, SQLException {
		String text = new String(archive, StandardCharsets.UTF_8);
		assertThat(text).contains(from);
		assertRefused(sealed(
				text.replaceFirst(java.util.regex.Pattern.quote(from), java.util.regex.Matcher.quoteReplacement(to))),
				said);
	}

	@Test
	void aFileIsWrittenUnderItsNameWhenItIsComplete() throws IOException {
		Path file = this.directory.resolve("store.ndjson");
		Command done = Command.run(filled, "export", "--to=" + file).expect(0);
		assertThat(Files.readAllBytes(file)).isEqualTo(archive);
		assertThat(done.count("messages")).isEqualTo(4);
		assertThat(this.directory).isDirectoryContaining((each) -> each.equals(file))
			.isDirectoryNotContaining((each) -> each.toString().endsWith(".part"));
	}

	private void assertRefused(byte[] content, String said) throws IOException, SQLException {
		Command done = Command.run(untouched, "import", "--from", write(content).toString()).expect(1);
		assertThat(done.err()).contains(said).doesNotContain("Exception");
		try (var connection = JdbcConnections.open(DatabaseUrl.parse(untouched))) {
			assertThat(StoreTables.isStore(connection)).isFalse();
		}
	}

	private Path write(byte[] content) throws IOException {
		return Files.write(this.directory.resolve("archive.ndjson"), content);
	}

	/** With the checksum that it would have if it were an export. */
	private static byte[] sealed(String text) {
		try {
			int end = text.lastIndexOf("{\"end\"");
			byte[] hash = MessageDigest.getInstance("SHA-256")
				.digest(text.substring(0, end).getBytes(StandardCharsets.UTF_8));
			return (text.substring(0, end) + text.substring(end)
				.replaceFirst("\"sha256\":\"[0-9a-f]+", "\"sha256\":\"" + HexFormat.of().formatHex(hash)))
				.getBytes(StandardCharsets.UTF_8);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String withoutIds(String url) throws SQLException {
		return StoreDump.everything(url).toString().replaceAll("\\b(id|session_db_id|context_db_id)=\\d+", "");
	}

}
