// The sessions, the latest active first: found by filters, more of them as one scrolls. What is written to moves to the top.

import { get, key } from "./api.js";
import { el, field } from "./dom.js";
import { age, number, t, time } from "./i18n.js";

const PAGE = 50;

/** How often it asks what has been active since, in milliseconds: the API has no stream of all sessions. */
const EVERY = 2000;

/** Every third time it looks at the whole first page, for what is deleted is not active. */
const WHOLE = 3;

const FILTERS = ["owner", "label", "title", "include_deleted"];

/** What was there when the list was left, so that who comes back is where they were. */
let left;

export function listPage({ main, query, fail }) {
  const rows = el("ul", { class: "rows", "aria-label": t("sessions") });
  const state = el("p", { class: "quiet", role: "status" }, t("loading"));
  const end = el("div", { class: "end-of-list" });
  const leaving = new AbortController();
  let filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
  let sessions = [];
  let next;
  let asked = 0;

  /** A screen reader reads what is said anew, also if it is the same. */
  function say(text) {
    if (state.textContent !== text) {
      state.textContent = text;
    }
  }

  /** Answers to filters that have changed since are thrown away. */
  async function ask(path, parameters, take) {
    const mine = asked;
    try {
      const page = await get(path, parameters, { signal: leaving.signal });
      if (mine === asked && !leaving.signal.aborted) {
        take(page);
        draw(rows, sessions);
        say(sessions.length === 0 ? t("nothing") : "");
        fail();
      }
    } catch (problem) {
      if (mine === asked) {
        say("");
        fail(problem);
      }
    }
  }

  const newest = (take) => ask("/v1/sessions", { ...filters, limit: PAGE }, take);

  async function begin() {
    asked++;
    loading = false;
    sessions = [];
    next = undefined;
    await newest((page) => {
      sessions = page.data;
      next = page.next;
      watchAnew();
    });
  }

  let loading = false;
  async function more() {
    if (next && !loading) {
      const mine = asked;
      loading = true;
      await ask(next, {}, (page) => {
        sessions = merge(sessions, page.data);
        next = page.next;
        watchAnew();
      });
      if (mine === asked) {
        loading = false;
      }
    }
  }

  let looks = 0;
  async function look() {
    if (!document.hidden) {
      if (++looks % WHOLE === 0 || sessions.length === 0) {
        await newest((page) => {
          sessions = withNewest(sessions, page);
          next = page.has_more ? next ?? page.next : undefined;
        });
      } else {
        await ask("/v1/sessions", { ...filters, from: sessions[0].last_activity, limit: PAGE }, (page) => {
          sessions = page.has_more ? withNewest(sessions, page) : merge(page.data, sessions);
        });
      }
    }
    if (!leaving.signal.aborted) {
      timer = setTimeout(look, EVERY);
    }
  }

  main.append(el("h1", {}, t("sessions")), filterForm(filters, (changed) => {
    filters = changed;
    const kept = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
    history.replaceState(null, "", `#/sessions${kept.size ? `?${kept}` : ""}`);
    begin();
  }), state, rows, end);
  let opened;
  rows.addEventListener("click", ({ target }) => opened = target.closest("li")?.dataset.id);
  const watch = new IntersectionObserver((entries) => entries.some((each) => each.isIntersecting) && more(),
    { rootMargin: "600px" });
  watch.observe(end);
  /** A page may be too short to move the end out of sight: then it is told once more that it is in sight. */
  function watchAnew() {
    watch.unobserve(end);
    watch.observe(end);
  }
  let timer;
  if (left?.key === key() && left.filters === JSON.stringify(filters)) {
    ({ sessions, next } = left);
    draw(rows, sessions);
    [...rows.children].find((row) => row.dataset.id === left.opened)?.firstChild.focus();
    looks = WHOLE - 1;
    look();
  } else {
    timer = setTimeout(look, EVERY);
    begin();
  }
  return { leave: () => {
    left = { key: key(), filters: JSON.stringify(filters), sessions, next, opened };
    leaving.abort();
    clearTimeout(timer);
    watch.disconnect();
  } };
}

function filterForm(filters, changed) {
  let timer;
  const form = el("form", { class: "filters", role: "search", "aria-label": t("filters"), onsubmit: (event) => {
    event.preventDefault();
    clearTimeout(timer);
    changed(values());
  }, oninput: () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.isConnected && changed(values()), 250);
  } },
  ["title", "owner", "label"].map((name) => field(t(name), el("input", { name, value: filters[name], autocomplete: "off",
    ...(name === "label" ? { pattern: "[^:]+:.+" } : {}) }))),
  el("label", { class: "check" }, el("input", { type: "checkbox", name: "include_deleted",
    checked: filters.include_deleted === "true" }), t("withDeleted")));

  /** A label that is not written to its end does not filter yet. */
  function values() {
    const { owner, label, title, include_deleted: deleted } = form.elements;
    return { owner: owner.value.trim(), label: label.validity.valid ? label.value.trim() : "", title: title.value.trim(),
      include_deleted: deleted.checked ? "true" : "" };
  }
  return form;
}

function merge(sessions, more) {
  const known = new Set(sessions.map((each) => each.session_id));
  return [...sessions, ...more.filter((each) => !known.has(each.session_id))];
}

/** The newest, and of those that were there the ones that are not newer: what has left is gone, what is active has moved. */
function withNewest(sessions, page) {
  const last = page.data.at(-1);
  return page.has_more ? merge(page.data, sessions.filter((each) => each.last_activity <= last.last_activity)) : page.data;
}

/** Rows that say the same stay the same elements, so that nothing flickers and the focus stays where it is. */
function draw(rows, sessions) {
  const before = new Map([...rows.children].map((row) => [row.dataset.id, row]));
  const focused = document.activeElement;
  sessions.forEach((session, index) => {
    const json = JSON.stringify(session);
    let row = before.get(session.session_id);
    if (row === undefined) {
      row = el("li", { "data-id": session.session_id });
    }
    if (row.said !== json) {
      row.said = json;
      row.replaceChildren(...rowOf(session, row.querySelector("a")));
    } else {
      ageOf(row.querySelector("time"), session);
    }
    before.delete(session.session_id);
    if (rows.children[index] !== row) {
      rows.insertBefore(row, rows.children[index] ?? null);
    }
  });
  before.forEach((row) => row.remove());
  if (focused !== document.activeElement && focused?.isConnected) {
    focused.focus({ preventScroll: true });
  }
}

function ageOf(element, session) {
  const text = age(session.last_activity);
  if (element.textContent !== text) {
    element.textContent = text;
  }
  return element;
}

/** @param link the one that is there, which may have the focus */
function rowOf(session, link) {
  const anchor = link ?? el("a", { href: `#/session/${encodeURIComponent(session.session_id)}` });
  anchor.replaceChildren(
    el("span", { class: "name" }, session.title ?? session.session_id),
    el("span", { class: "facts" },
      session.deleted_at && el("span", { class: "chip bad" }, t("deleted")),
      session.owner && el("span", { class: "chip" }, session.owner),
      Object.entries(session.labels ?? {}).map(([name, text]) => el("span", { class: "chip label" }, `${name}:${text}`)),
      session.title && el("code", {}, session.session_id)),
    el("span", { class: "when" }, el("span", {}, t("lastMessage", { n: number(session.last_seq) })),
      ageOf(el("time", { datetime: session.last_activity, title: time(session.last_activity) }), session)));
  return [anchor];
}
