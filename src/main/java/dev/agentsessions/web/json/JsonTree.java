package dev.agentsessions.web.json;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads JSON more strictly than a parser does by itself, so that what is stored is what
 * was sent: no duplicate keys, no trailing data, no invalid UTF-8, nothing that
 * PostgreSQL can't hold (U+0000, half of a surrogate pair, numbers of more than 40 digits
 * or beyond 1e±308). Numbers keep their value exactly.
 * <p>
 * Jackson could refuse duplicate keys by itself, but as any other syntax error, without
 * their place as a pointer; and trailing data where a mapper makes the tree, which would
 * look at none of the rest.
 */
public final class JsonTree {

	static final int MAX_DIGITS = 40;

	/** What 40 digits can be written out to within 1e±308. */
	private static final int MAX_STORED_DIGITS = 400;

	private static final int MAX_DEPTH = 200;

	/** What stands in an archive, or in another body, is some levels deeper there. */
	private static final int MAX_STORED_DEPTH = 220;

	/**
	 * Digits that are not sent: PostgreSQL gives back <code>1e308</code> as 309 of them,
	 * and many such numbers would make an answer far larger than what was sent.
	 */
	private static final int MAX_WRITTEN_OUT = 1 << 20;

	private static final Pattern EXPONENT = Pattern.compile("\\dE[+-]?\\d");

	private static final BigDecimal LARGEST = new BigDecimal("1e308");

	private static final BigDecimal SMALLEST = new BigDecimal("1e-308");

	private static final JsonNodeFactory nodes = JsonNodeFactory.instance;

	/**
	 * The size of a body is limited before it gets here, so the parser's own limits on
	 * lengths are lifted. Names that collide in its table of symbols are no fault: that
	 * depends on what was read before, and what was stored has to be read again.
	 */
	private static final JsonFactory factory = JsonFactory.builder()
		.disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
		.streamReadConstraints(StreamReadConstraints.builder()
			.maxNestingDepth(MAX_STORED_DEPTH)
			.maxStringLength(Integer.MAX_VALUE)
			.maxNameLength(Integer.MAX_VALUE)
			.maxNumberLength(Integer.MAX_VALUE)
			.build())
		.build();

	private final JsonParser parser;

	private final boolean stored;

	private final int maxValues;

	private int values;

	private long writtenOut;

	private JsonTree(JsonParser parser, boolean stored, int maxValues) {
		this.parser = parser;
		this.stored = stored;
		this.maxValues = maxValues;
	}

	/**
	 * The one JSON value in these bytes.
	 * @throws ProblemException (400) naming the place that is wrong
	 */
	public static JsonNode parse(byte[] bytes) {
		return parse(bytes, Integer.MAX_VALUE);
	}

	/**
	 * The one JSON value in these bytes, which are a client's: a few bytes can be a
	 * value, and any value is an object in memory.
	 * @param maxValues how many values it may have, at any depth
	 * @throws ProblemException (400) naming the place that is wrong, or (413)
	 */
	public static JsonNode parse(byte[] bytes, int maxValues) {
		if (!ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), StandardCharsets.UTF_8)) {
			throw Problems.invalid("The body is not valid UTF-8.");
		}
		return parse(new String(bytes, StandardCharsets.UTF_8), false, maxValues);
	}

	/**
	 * JSON that was checked before it was stored. PostgreSQL gives 1e308 back as a number
	 * of 309 digits.
	 */
	public static JsonNode stored(String text) {
		return parse(text, true, Integer.MAX_VALUE);
	}

	/**
	 * How many digits PostgreSQL gives this JSON back with that it has not, about.
	 * @param json as it is written here
	 */
	public static long writtenOut(String json) {
		if (!EXPONENT.matcher(json).find()) {
			return 0;
		}
		try (JsonParser parser = parser(json)) {
			parser.nextToken();
			JsonTree tree = new JsonTree(parser, true, Integer.MAX_VALUE);
			tree.value();
			return tree.writtenOut;
		}
	}

	/** A parser of JSON that was checked before it was stored. */
	public static JsonParser parser(String text) {
		return factory.createParser(ObjectReadContext.empty(), text);
	}

	private static JsonNode parse(String text, boolean stored, int maxValues) {
		try (JsonParser parser = parser(text)) {
			if (parser.nextToken() == null) {
				throw Problems.invalid("The body is empty; it must be one JSON value.");
			}
			JsonNode value = new JsonTree(parser, stored, maxValues).value();
			if (parser.nextToken() != null) {
				throw Problems.invalid("Data follows the JSON value" + at(parser) + ".");
			}
			return value;
		}
		catch (JacksonException ex) {
			throw unreadable(at(ex));
		}
	}

	private static ProblemException unreadable(String place) {
		return Problems
			.invalid("The body is not valid JSON, or nested deeper than " + MAX_DEPTH + " levels" + place + ".");
	}

	private JsonNode value() {
		if (++this.values > this.maxValues) {
			throw Problems.tooLarge("The body has more than " + this.maxValues + " values.").exception();
		}
		if (!this.stored && this.parser.streamReadContext().getNestingDepth() > MAX_DEPTH) {
			throw unreadable(at(this.parser));
		}
		return switch (this.parser.currentToken()) {
			case START_OBJECT -> object();
			case START_ARRAY -> array();
			case VALUE_STRING -> nodes.stringNode(text(this.parser.getString()));
			case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> nodes.numberNode(number());
			case VALUE_TRUE -> nodes.booleanNode(true);
			case VALUE_FALSE -> nodes.booleanNode(false);
			default -> nodes.nullNode();
		};
	}

	private ObjectNode object() {
		ObjectNode object = nodes.objectNode();
		while (this.parser.nextToken() != JsonToken.END_OBJECT) {
			String name = text(this.parser.currentName());
			if (object.has(name)) {
				throw wrong("is given twice");
			}
			this.parser.nextToken();
			object.set(name, value());
		}
		return object;
	}

	private ArrayNode array() {
		ArrayNode array = nodes.arrayNode();
		while (this.parser.nextToken() != JsonToken.END_ARRAY) {
			array.add(value());
		}
		return array;
	}

	/** Why this text can't be stored; null if it can. */
	public static @Nullable String fault(String text) {
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c == 0) {
				return "holds U+0000, which can't be stored";
			}
			if (Character.isSurrogate(c)) {
				if (!Character.isHighSurrogate(c) || i + 1 == text.length()
						|| !Character.isLowSurrogate(text.charAt(i + 1))) {
					return "holds half of a surrogate pair, which is no character";
				}
				i++;
			}
		}
		return null;
	}

	private String text(String text) {
		String fault = fault(text);
		if (fault != null) {
			throw wrong(fault);
		}
		return text;
	}

	private BigDecimal number() {
		String text = this.parser.getString();
		int digits = 0;
		for (int i = 0; i < text.length() && (text.charAt(i) | 0x20) != 'e'; i++) {
			digits += Character.isDigit(text.charAt(i)) ? 1 : 0;
		}
		if (digits > (this.stored ? MAX_STORED_DIGITS : MAX_DIGITS)) {
			throw wrong("is a number of more than " + MAX_DIGITS + " digits");
		}
		try {
			BigDecimal number = new BigDecimal(text);
			BigDecimal size = number.abs();
			if (number.signum() == 0 ? Math.abs(number.scale()) <= LARGEST.precision() - LARGEST.scale() - 1
					: size.compareTo(LARGEST) <= 0 && size.compareTo(SMALLEST) >= 0) {
				requireFew(Math.abs((long) number.scale()) - text.length());
				return number;
			}
		}
		catch (NumberFormatException | ArithmeticException ex) {
			// an exponent beyond what even BigDecimal holds
		}
		throw wrong("is a number beyond 1e308 or nearer to zero than 1e-308");
	}

	private void requireFew(long writtenOut) {
		this.writtenOut += Math.max(0, writtenOut);
		if (!this.stored && this.writtenOut > MAX_WRITTEN_OUT) {
			throw Problems
				.tooLarge("The body has numbers with exponents that would be written out to more than "
						+ MAX_WRITTEN_OUT + " digits.")
				.exception();
		}
	}

	private ProblemException wrong(String detail) {
		return Problems.invalid(InvalidInput.body(this.parser.streamReadContext().pathAsPointer().toString(), detail));
	}

	private static String at(JsonParser parser) {
		return at(parser.currentLocation());
	}

	/** An exceeded limit of the parser comes without a place. */
	private static String at(JacksonException error) {
		return (error.getLocation() != null) ? at(error.getLocation()) : "";
	}

	private static String at(TokenStreamLocation location) {
		return " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
	}

}
