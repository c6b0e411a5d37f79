package dev.agentsessions.transfer.legacy.value;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The elements of a list, and what is said of a list that is broken.
 */
class ListElementsTest {

	private @Nullable String fault;

	private String faulty = "";

	@Test
	void elementsAreTheTextThatTheyAre() throws IOException {
		assertThat(read(" [ {\"a\": [1, {\"b\":\"],}\"}]} ,\n \"x\\\"],\",7,\t[] , null ] \n"))
			.containsExactly("{\"a\": [1, {\"b\":\"],}\"}]}", "\"x\\\"],\"", "7", "[]", "null");
		assertThat(this.fault).isNull();
		assertThat(read("[\"é😀\"]")).containsExactly("\"é😀\"");
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", " [ ] ", "" })
	void aListMayBeEmpty(String text) throws IOException {
		assertThat(read(text)).isEmpty();
		assertThat(this.fault).isNull();
	}

	@Test
	void whatIsCutOffKeepsItsWholeElements() throws IOException {
		assertThat(read("[1, {\"a\":2}, {\"a\": \"x")).containsExactly("1", "{\"a\":2}");
		assertThat(this.fault).isEqualTo("ends in the middle");
		assertThat(this.faulty).isEqualTo("{\"a\": \"x");
		assertThat(read("[1,")).containsExactly("1");
		assertThat(this.fault).isEqualTo("ends in the middle");
		assertThat(read("[\"\\")).isEmpty();
		assertThat(this.faulty).isEqualTo("\"\\");
	}

	@Test
	void whatIsNoListIsFaultyAsAWhole() throws IOException {
		assertThat(read("{\"a\": [1]}")).isEmpty();
		assertThat(this.fault).isEqualTo("must be a list");
		assertThat(this.faulty).isEqualTo("{\"a\": [1]}");
	}

	@Test
	void whatFollowsTheListIsFaulty() throws IOException {
		assertThat(read("[1] , [2]")).containsExactly("1");
		assertThat(this.fault).isEqualTo("is followed by something else");
		assertThat(this.faulty).isEqualTo(", [2]");
	}

	@Test
	void anElementThatIsMissingIsAnEmptyText() throws IOException {
		assertThat(read("[1,,2,]")).containsExactly("1", "", "2", "");
	}

	private List<String> read(String text) throws IOException {
		ListElements elements = new ListElements(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
		List<String> read = new ArrayList<>();
		for (String next = elements.next(); next != null; next = elements.next()) {
			assertThat(elements.index()).isEqualTo(read.size());
			read.add(next);
		}
		this.fault = elements.fault();
		this.faulty = elements.faulty();
		return read;
	}

}
