// Finds messages by their words.

import { get } from "./api.js";
import { button, el, field } from "./dom.js";
import { number, t, time } from "./i18n.js";

const FILTERS = ["q", "owner", "label", "session_id", "role"];

const ROLES = ["user", "assistant", "system", "tool", "developer", "function", "model"];

export function searchPage({ main, query, fail }) {
  const leaving = new AbortController();
  const given = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
  const found = el("ul", { class: "rows found", "aria-label": t("search") });
  const state = el("p", { class: "quiet", role: "status" });
  const more = button(t("more"), () => ask(next, {}), { hidden: true });
  let next;

  const form = el("form", { class: "filters", role: "search", onsubmit: (event) => {
    event.preventDefault();
    const all = new URLSearchParams(FILTERS.map((name) => [name, form.elements[name].value.trim()])
      .filter(([, value]) => value));
    // the place is the search: it can be sent to others, and `back` leads to the one before
    location.hash = `#/search?${all}`;
  } },
  field(t("query"), el("input", { name: "q", type: "search", value: given.q, required: true,
    placeholder: t("queryHelp") })),
  field(t("owner"), el("input", { name: "owner", value: given.owner, autocomplete: "off" })),
  field(t("label"), el("input", { name: "label", value: given.label, autocomplete: "off", pattern: "[^:]+:.+" })),
  field(t("inSession"), el("input", { name: "session_id", value: given.session_id, autocomplete: "off" })),
  field(t("role"), el("select", { name: "role" }, el("option", { value: "" }, t("anyRole")),
    ROLES.map((role) => el("option", { selected: role === given.role }, role)))),
  el("button", { class: "primary" }, t("search")));

  async function ask(path, parameters) {
    state.textContent = t("loading");
    more.disabled = true;
    try {
      let page = await get(path, parameters, { signal: leaving.signal });
      next = page.next;
      while (page.has_more && page.data.length === 0) {
        // it looks for two seconds at a time, and has found nothing so far
        more.hidden = false;
        page = await get(next, {}, { signal: leaving.signal });
        next = page.next;
      }
      found.append(...page.data.map(hit));
      more.hidden = !page.has_more;
      state.textContent = said(found.childElementCount, page);
      fail();
    } catch (problem) {
      state.textContent = "";
      fail(problem);
    }
    more.disabled = false;
  }

  main.append(el("h1", {}, t("search")), form, state, found, more);
  if (given.q) {
    ask("/v1/search", { ...given, limit: 20 });
  } else {
    form.elements.q.focus();
  }
  return { leave: () => leaving.abort() };
}

function said(n, { has_more: more, indexed_through: through }) {
  const count = n === 0 && !more ? t("nothing") : t(more ? "foundSoFar" : "found", { n: number(n) });
  return `${count} ${through.startsWith("0001") ? t("notIndexed") : t("indexed", { time: time(through) })}`;
}

function hit({ session_id: id, title, seq, role, timestamp, snippet, matches }) {
  return el("li", {}, el("a", { href: `#/session/${encodeURIComponent(id)}?seq=${seq}` },
    el("span", { class: "name" }, title ?? id),
    el("span", { class: "facts" }, el("span", { class: "chip" }, role ?? ""), el("span", {}, `№ ${seq}`)),
    el("span", { class: "when" }, el("time", { datetime: timestamp }, time(timestamp))),
    el("span", { class: "snippet" }, marked(snippet, matches))));
}

/** The places of matches are counted in code points. */
function marked(snippet, matches) {
  const points = [...snippet];
  const parts = [];
  let from = 0;
  for (const [begin, end] of matches) {
    parts.push(points.slice(from, begin).join(""), el("mark", {}, points.slice(begin, end).join("")));
    from = end;
  }
  return [...parts, points.slice(from).join("")];
}
