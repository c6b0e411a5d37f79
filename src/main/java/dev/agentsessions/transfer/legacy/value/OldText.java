package dev.agentsessions.transfer.legacy.value;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.json.JsonTree;
import tools.jackson.databind.JsonNode;

/**
 * Text of SQLite, which stores whatever bytes it is given. A byte that is no UTF-8
 * becomes half of a surrogate pair, U+DC80 to U+DCFF, as Python's "surrogateescape" has
 * it: no check lets that through, and in the rejects it still says which byte it was.
 */
public final class OldText {

	private OldText() {
	}

	public static String decode(byte[] bytes) {
		String text = new String(bytes, StandardCharsets.UTF_8);
		return (text.indexOf('\uFFFD') < 0) ? text : decodeWithCare(bytes);
	}

	private static String decodeWithCare(byte[] bytes) {
		CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
			.onMalformedInput(CodingErrorAction.REPORT)
			.onUnmappableCharacter(CodingErrorAction.REPORT);
		ByteBuffer in = ByteBuffer.wrap(bytes);
		CharBuffer out = CharBuffer.allocate(bytes.length);
		for (CoderResult result = decoder.decode(in, out, true); result
			.isError(); result = decoder.decode(in, out, true)) {
			for (int i = 0; i < result.length(); i++) {
				out.put((char) (0xDC00 + (in.get() & 0xFF)));
			}
		}
		return out.flip().toString();
	}

	/** The JSON value that the text is. Errors: 400 if it is none that can be stored. */
	public static JsonNode json(String text) {
		String fault = JsonTree.fault(text);
		if (fault != null) {
			throw Problems.invalid(InvalidInput.body("", fault));
		}
		return JsonTree.parse(text.getBytes(StandardCharsets.UTF_8));
	}

}
