// One message as people read it.

import { blocksOf, readable, textOf } from "./blocks.js";
import { button, el, folded } from "./dom.js";
import { number, t, time } from "./i18n.js";
import { link, markdown } from "./markdown.js";

/** So many characters of a text are shown at once; a message may have a million. */
const SHOWN = 20_000;

/** So many elements are made of its Markdown at once, and of all of a text that somebody wants to see. */
const ELEMENTS = 600;
const ALL_ELEMENTS = 10_000;

/** Results that are no longer than this need not be unfolded. */
const SHORT = 200;

/**
 * The row of a message: {message, element, marks, calls, results}. `marks` is an element for what is said of it from
 * outside; `calls` has the place for the result of each of its tool calls, `results` its own results by the call's id.
 * A message that cannot be shown is shown as JSON, so that none takes others with it.
 * @param forkHere is called with the seq when somebody wants to fork from here
 */
export function rowOf(message, to) {
  const row = { message, calls: new Map(), results: new Map(), limit: { left: ELEMENTS } };
  row.marks = el("div", { class: "marks" });
  row.agent = el("span", { class: "agent-name" });
  try {
    row.element = elementOf(row, to);
  } catch (problem) {
    console.warn(problem);
    row.calls.clear();
    row.results.clear();
    row.element = el("article", { class: "message role-other", tabindex: -1, "data-seq": message.seq,
      "aria-label": t("message", { seq: message.seq, role: "" }) }, row.marks, el("div", { class: "body" }, output(message)));
  }
  return row;
}

function elementOf(row, { linkTo, forkHere }) {
  const { message } = row;
  const who = textOf(message.role ?? message.type);
  return el("article", { class: `message role-${/^[a-z]+$/.test(who) ? who : "other"}`, tabindex: -1,
    "data-seq": message.seq, "aria-label": t("message", { seq: message.seq, role: who }) },
  row.marks,
  el("header", {},
    el("a", { class: "seq", href: linkTo(message.seq), title: t("copyLink") }, message.seq),
    el("span", { class: "role" }, who),
    message.name && el("span", { class: "author" }, textOf(message.name)),
    row.agent,
    el("span", { class: "end" },
      message.token_count !== undefined && el("span", {}, t("tokens", { n: number(message.token_count) })),
      el("time", { datetime: message.timestamp }, time(message.timestamp)),
      rawButton(row),
      forkHere && button(t("fork"), () => forkHere(message.seq), { class: "small fork", title: t("forkHere") }))),
  el("div", { class: "body" }, blocksOf(message).map((block) => shown(block, row))));
}

/** Shows all of the message as JSON, and takes it away again. */
function rawButton(row) {
  let raw;
  const toggle = button(t("json"), () => {
    if (raw) {
      raw.remove();
      raw = undefined;
    } else {
      raw = el("pre", { class: "code", tabindex: 0 }, JSON.stringify(row.message, null, 2));
      row.element.append(raw);
    }
    toggle.setAttribute("aria-expanded", String(raw !== undefined));
  }, { class: "small", "aria-expanded": "false" });
  return toggle;
}

/** Puts results that are there into the calls that they answer. */
export function joinResults(rows) {
  const results = new Map(rows.flatMap((row) => [...row.results]));
  for (const row of rows) {
    for (const [id, place] of row.calls) {
      if (results.has(id) && !place.answered) {
        place.answered = true;
        place.replaceChildren(output(results.get(id).output));
        place.closest("details").classList.add("answered");
      }
    }
  }
}

function shown(block, row) {
  switch (block.kind) {
    case "text": return text(block.text, row.limit);
    case "thinking": return folded(t("thinking"), () => text(block.text, { left: ELEMENTS }), { class: "thinking" });
    case "image": return image(block.source);
    case "call": return call(block, row);
    case "result": return result(block, row);
    default: return folded(t("otherPart", { type: block.type }),
      () => el("pre", { class: "code" }, JSON.stringify(block.value, null, 2)));
  }
}

function text(all, limit) {
  const show = (part, most) => el("div", { class: "text" }, markdown(part, most));
  const begin = show(all.slice(0, SHOWN), limit);
  return all.length > SHOWN || limit.reached ? withAll(begin, all, () => show(all, { left: ALL_ELEMENTS })) : begin;
}

/** The beginning of a text, and a button that shows all of it. */
function withAll(begin, all, show) {
  const part = el("div", {}, begin,
    button(t("showAll", { n: number(all.length) }), () => part.replaceWith(show()), { class: "small" }));
  return part;
}

/** Images are named only: nothing is fetched from anywhere. */
function image(source) {
  const name = source.startsWith("data:") || source.length > 2000 ? t("imageData", { n: number(source.length) }) : source;
  return el("p", { class: "image" }, `${t("image")}: `, link(name, [name]) ?? el("code", {}, name));
}

function call({ id, name, input }, row) {
  const place = el("div", { class: "answer" }, el("p", { class: "quiet" }, t("noResult")));
  if (id !== undefined) {
    row.calls.set(id, place);
  }
  return el("details", { class: "call" }, el("summary", {}, `${t("call")} `, el("b", {}, name), " ",
    el("code", {}, brief(input))), el("p", { class: "caption" }, t("arguments")), output(input ?? ""), el("p", { class: "caption" }, t("result")), place);
}

function result({ id, name, output: said }, row) {
  if (id !== undefined) {
    row.results.set(id, { output: said });
  }
  const whole = readable(said);
  return whole.length <= SHORT && !whole.includes("\n") ? output(said)
    : folded([`${t("resultOf", { name })} `, el("code", {}, brief(said))], () => output(said), { class: "call" });
}

function output(value) {
  const all = readable(value);
  const show = (part) => el("pre", { class: "code", tabindex: 0 }, part);
  return all.length > SHOWN ? withAll(show(all.slice(0, SHOWN)), all, () => show(all)) : show(all);
}

function brief(value) {
  const line = (typeof value === "string" ? value : JSON.stringify(value) ?? "").slice(0, 200).replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
