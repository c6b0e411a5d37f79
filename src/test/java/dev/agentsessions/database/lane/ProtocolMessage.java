package dev.agentsessions.database.lane;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Bytes of PostgreSQL's protocol (3.0).
 */
final class ProtocolMessage {

	private ProtocolMessage() {
	}

	/**
	 * One message; text is followed by a zero.
	 */
	static byte[] bytes(char type, Object... fields) {
		try {
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			DataOutputStream body = new DataOutputStream(bytes);
			for (Object field : fields) {
				write(body, field);
			}
			ByteArrayOutputStream message = new ByteArrayOutputStream();
			DataOutputStream out = new DataOutputStream(message);
			out.writeByte(type);
			out.writeInt(4 + bytes.size());
			out.write(bytes.toByteArray());
			return message.toByteArray();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void write(DataOutputStream body, Object field) throws IOException {
		if (field instanceof Short number) {
			body.writeShort(number);
		}
		else if (field instanceof Integer number) {
			body.writeInt(number);
		}
		else if (field instanceof byte[] raw) {
			body.write(raw);
		}
		else {
			body.write((field + "\0").getBytes(StandardCharsets.UTF_8));
		}
	}

	/** The fields of an error or a notice. */
	static byte[] error(String severity, String code) {
		return ("S" + severity + "\0V" + severity + "\0C" + code + "\0Mbroken on purpose\0\0")
			.getBytes(StandardCharsets.UTF_8);
	}

	/** The text that begins there. */
	static String text(byte[] body, int from) {
		int end = from;
		while (body[end] != 0) {
			end++;
		}
		return new String(body, from, end - from, StandardCharsets.UTF_8);
	}

	/** The one parameter of a Bind, if there is one. */
	static String parameter(byte[] body) throws IOException {
		int from = text(body, 0).length() + 1;
		from += text(body, from).length() + 1;
		DataInputStream in = new DataInputStream(new ByteArrayInputStream(body, from, body.length - from));
		in.skipBytes(2 * in.readUnsignedShort());
		return (in.readUnsignedShort() > 0) ? new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8) : "";
	}

}
