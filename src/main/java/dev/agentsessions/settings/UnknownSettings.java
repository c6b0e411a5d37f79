package dev.agentsessions.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Finds what looks like a setting of this service and is none, most likely because it is
 * mistyped.
 */
final class UnknownSettings {

	/** What Kubernetes and Docker set for a service that is called store. */
	private static final Pattern OF_NEIGHBOURS = Pattern
		.compile("STORE_(SERVICE_(HOST|PORT.*)|PORT(_.*)?|NAME|ENV_.*)");

	private final List<String> names;

	private final List<String> variables;

	UnknownSettings(Collection<String> names) {
		this.names = List.copyOf(names);
		this.variables = names.stream().map(SettingsCheck::variable).toList();
	}

	/** A sentence for each setting in these sources that nothing reads. */
	List<String> in(Iterable<PropertySource<?>> sources) {
		Set<String> found = new TreeSet<>();
		for (PropertySource<?> source : sources) {
			if (source instanceof EnumerablePropertySource<?> enumerable) {
				boolean variables = source instanceof SystemEnvironmentPropertySource;
				for (String name : enumerable.getPropertyNames()) {
					if (variables && name.startsWith("STORE_") && !isKnownVariable(name)) {
						found.add(sentence(name, this.variables));
					}
					else if (name.startsWith("store.") && !isKnownName(name)) {
						found.add(sentence(name, this.names));
					}
				}
			}
		}
		return new ArrayList<>(found);
	}

	/** Spring Boot takes a dash as an underscore or as nothing. */
	private boolean isKnownVariable(String variable) {
		String single = variable.replaceFirst("_\\d+_?$", "");
		Set<String> known = new HashSet<>(this.variables);
		this.names.forEach((name) -> known.add(SettingsCheck.variable(name.replace("-", ""))));
		return known.contains(variable) || known.contains(single) || OF_NEIGHBOURS.matcher(variable).matches();
	}

	private boolean isKnownName(String name) {
		String plain = plain(name);
		return this.names.stream().anyMatch((each) -> plain(each).equals(plain));
	}

	private static String plain(String name) {
		return name.replaceFirst("\\[\\d+]$", "").replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
	}

	private static String sentence(String name, List<String> known) {
		String nearest = nearest(name, known);
		return name + " is no setting of this service and is ignored"
				+ ((nearest != null) ? "; did you mean " + nearest + "?" : "");
	}

	/** Null if none is alike. */
	private static @Nullable String nearest(String name, List<String> known) {
		String nearest = null;
		int least = name.length() / 3 + 1;
		for (String each : known) {
			int distance = distance(name, each);
			if (distance < least) {
				least = distance;
				nearest = each;
			}
		}
		return nearest;
	}

	/** How many characters have to be changed, added or left out. */
	private static int distance(String from, String to) {
		int[] row = new int[to.length() + 1];
		for (int j = 0; j <= to.length(); j++) {
			row[j] = j;
		}
		for (int i = 1; i <= from.length(); i++) {
			int diagonal = row[0];
			row[0] = i;
			for (int j = 1; j <= to.length(); j++) {
				int change = diagonal + ((from.charAt(i - 1) == to.charAt(j - 1)) ? 0 : 1);
				diagonal = row[j];
				row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
			}
		}
		return row[to.length()];
	}

}
