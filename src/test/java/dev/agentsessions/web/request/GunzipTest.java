package dev.agentsessions.web.request;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;

import dev.agentsessions.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Bodies as gzip, in pieces as a network may make them.
 */
class GunzipTest {

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 7, 1000 })
	void whereAPieceEndsMakesNoDifference(int size) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		for (int flags = 0; flags < 32; flags++) {
			body.writeBytes(member(flags, "name", "text " + flags + "\n"));
			body.writeBytes(member(flags, "", ""));
		}
		StringBuilder expected = new StringBuilder();
		for (int flags = 0; flags < 32; flags++) {
			expected.append("text ").append(flags).append('\n');
		}
		assertThat(unpack(body.toByteArray(), size)).isEqualTo(expected.toString());
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 1000 })
	void aNameMayHaveSomeHundredCharacters(int size) throws IOException {
		assertThat(unpack(member(8, "n".repeat(500), "text"), size)).isEqualTo("text");
		byte[] tooLong = member(8, "n".repeat(510), "text");
		assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> unpack(tooLong, size));
	}

	@Test
	void aHeaderThatBreaksOffIsNone() throws IOException {
		byte[] member = member(31, "name", "text");
		for (int length : new int[] { 1, 9, 10, 11, 13, 16, 20, 24 }) {
			assertThatExceptionOfType(ProblemException.class)
				.isThrownBy(() -> unpack(Arrays.copyOf(member, length), 1000));
		}
	}

	/** With what these flags say in its header. */
	private static byte[] member(int flags, String name, String text) throws IOException {
		ByteArrayOutputStream plain = new ByteArrayOutputStream();
		try (GZIPOutputStream gzip = new GZIPOutputStream(plain)) {
			gzip.write(text.getBytes(StandardCharsets.UTF_8));
		}
		ByteArrayOutputStream member = new ByteArrayOutputStream();
		member.writeBytes(new byte[] { 31, (byte) 139, 8, (byte) flags, 0, 0, 0, 0, 0, 0 });
		member.writeBytes(((flags & 4) != 0) ? new byte[] { 3, 0, 1, 2, 3 } : new byte[0]);
		member.writeBytes(((flags & 8) != 0) ? (name + "\0").getBytes(StandardCharsets.UTF_8) : new byte[0]);
		member.writeBytes(((flags & 16) != 0) ? "comment\0".getBytes(StandardCharsets.UTF_8) : new byte[0]);
		member.writeBytes(((flags & 2) != 0) ? new byte[] { 4, 5 } : new byte[0]);
		member.write(plain.toByteArray(), 10, plain.size() - 10);
		return member.toByteArray();
	}

	private static String unpack(byte[] body, int size) {
		List<DataBuffer> pieces = new ArrayList<>();
		for (int from = 0; from < body.length; from += size) {
			pieces.add(DefaultDataBufferFactory.sharedInstance
				.wrap(Arrays.copyOfRange(body, from, Math.min(body.length, from + size))));
		}
		DataBuffer all = DataBufferUtils.join(Gunzip.unpack(Flux.fromIterable(pieces))).block(Duration.ofSeconds(10));
		return (all != null) ? all.toString(StandardCharsets.UTF_8) : "";
	}

}
