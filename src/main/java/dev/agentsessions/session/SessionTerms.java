package dev.agentsessions.session;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * What an index of sessions holds of their labels and titles: 32 bits of each term. What
 * an index finds has to be compared once more, for terms may meet.
 */
public final class SessionTerms {

	private SessionTerms() {
	}

	/**
	 * A title as it is compared: in any case and width (the compatibility composition of
	 * Unicode, NFKC). A final sigma is as any other: it may be final in the part that is
	 * looked for and not in the title.
	 */
	public static String fold(String title) {
		String upper = Normalizer.normalize(title, Normalizer.Form.NFKC)
			.toLowerCase(Locale.ROOT)
			.toUpperCase(Locale.ROOT);
		return Normalizer.normalize(upper.toLowerCase(Locale.ROOT), Normalizer.Form.NFKC).replace('ς', 'σ');
	}

	/** All terms of a session, as an array that PostgreSQL reads. */
	public static String of(String tenant, SessionDetails details) {
		SortedSet<Integer> terms = new TreeSet<>();
		addLabels(terms, tenant, details.labels());
		if (details.title() != null) {
			addTitle(terms, tenant, fold(details.title()), true);
		}
		return array(terms);
	}

	/** The terms that a session with these labels and this part of a title has. */
	public static String wanted(String tenant, Map<String, String> labels, String foldedPart) {
		SortedSet<Integer> terms = new TreeSet<>();
		addLabels(terms, tenant, labels);
		addTitle(terms, tenant, foldedPart, foldedPart.codePointCount(0, foldedPart.length()) == 1);
		return array(terms);
	}

	private static void addLabels(Collection<Integer> terms, String tenant, Map<String, String> labels) {
		labels.forEach((name, text) -> terms.add(term(tenant, "label", name, text)));
	}

	/** Each two neighbours; single ones are only needed to look for a single one. */
	private static void addTitle(Collection<Integer> terms, String tenant, String folded, boolean singly) {
		int[] characters = folded.codePoints().toArray();
		for (int i = 0; i < characters.length; i++) {
			if (singly) {
				terms.add(term(tenant, "title", Character.toString(characters[i])));
			}
			if (i > 0) {
				terms.add(term(tenant, "title", new String(characters, i - 1, 2)));
			}
		}
	}

	private static int term(String... parts) {
		CRC32C hash = new CRC32C();
		for (String part : parts) {
			hash.update(part.getBytes(StandardCharsets.UTF_8));
			hash.update(0);
		}
		return (int) hash.getValue();
	}

	private static String array(Collection<Integer> terms) {
		return terms.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
	}

}
