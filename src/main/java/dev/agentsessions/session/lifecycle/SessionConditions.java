package dev.agentsessions.session.lifecycle;

import java.util.HashMap;
import java.util.Map;

import dev.agentsessions.database.Engine;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionTerms;

/**
 * SQL for which rows of <code>sessions</code> pass a filter, but for its times.
 */
public final class SessionConditions {

	private SessionConditions() {
	}

	/** A condition on columns of <code>sessions</code>, which names values. */
	public static String sql(Engine engine, SessionFilter filter) {
		StringBuilder sql = new StringBuilder("sessions.tenant = :tenant");
		if (!filter.includeDeleted()) {
			sql.append(" and deleted_at is null");
		}
		if (filter.owner() != null) {
			sql.append(" and sessions.owner = :owner");
		}
		if (engine == Engine.POSTGRESQL && filter.needsTerms()) {
			sql.append(" and id in (select session_db_id from session_terms where terms @> cast(:terms as integer[])");
			sql.append((filter.title() != null) ? " and position(:title in folded_title) > 0)" : ")");
			sql.append(filter.labels().isEmpty() ? "" : " and labels_json @> cast(:labels as jsonb)");
		}
		else if (filter.needsTerms()) {
			sql.append((filter.title() != null)
					? " and id in (select session_db_id from session_terms where position(:title in folded_title) > 0)"
					: "");
			// labels are stored as we write them: this is one of an object's members, and
			// cannot be a part of another
			for (int i = 0; i < filter.labels().size(); i++) {
				sql.append(" and (position(:first%1$d in labels_json) = 1 or position(:other%1$d in labels_json) > 0)"
					.formatted(i));
			}
		}
		return sql.toString();
	}

	/** Everything that it may name. */
	public static Map<String, Object> values(String tenant, SessionFilter filter) {
		Map<String, Object> values = new HashMap<>();
		values.put("tenant", tenant);
		values.put("owner", String.valueOf(filter.owner()));
		values.put("title", filter.foldedTitle());
		values.put("terms", SessionTerms.wanted(tenant, filter.labels(), filter.foldedTitle()));
		values.put("labels", SessionDetails.labelsJson(filter.labels()));
		filter.labels().forEach((name, text) -> {
			String member = SessionDetails.labelJson(name, text);
			int n = filter.labels().headMap(name).size();
			values.put("first" + n, "{" + member);
			values.put("other" + n, "," + member);
		});
		return values;
	}

}
