// What a model sees of a session: its view, and what of it fits.

import { get, ofSession } from "./api.js";
import { el, field } from "./dom.js";
import { number, t } from "./i18n.js";
import { readable, textOf } from "./blocks.js";
import { explain } from "./problem.js";

/** Ranges of seq that a model sees; an empty list is all. */
export class View {
  ranges = [];

  constructor(session, linkTo) {
    this.session = session;
    this.linkTo = linkTo;
    this.element = el("div", {});
  }

  async load() {
    const view = await get(ofSession(this.session, "/view"), { include_deleted: true });
    this.ranges = view.ranges;
    this.seen = view.message_count;
    this.#draw();
  }

  /** Whether a model sees this message. */
  has(seq) {
    return this.ranges.length === 0
      || this.ranges.some(([first, last]) => first <= seq && (last === undefined || seq <= last));
  }

  /** @param newest the seq of the last; @param total all messages; @param seen those that a model sees */
  count(newest, total, seen) {
    // seq begins later where the history was replaced
    this.oldest = Math.max(1, newest - total + 1);
    this.total = total;
    this.seen = seen;
    this.#draw();
  }

  /** The ranges that it leaves out, from the oldest message on. */
  #without() {
    let next = this.oldest;
    return [...this.ranges].sort(([one], [other]) => one - other).flatMap(([first, last]) => {
      const gap = next < first ? [[next, first - 1]] : [];
      next = last + 1;
      return gap;
    });
  }

  #draw() {
    if (this.ranges.length === 0) {
      this.element.replaceChildren(el("p", {}, t("viewAll", { n: number(this.total ?? this.seen) })));
      return;
    }
    const links = (list, name, ranges) => el(list, { class: name }, ranges.map(([first, last]) => el("li", {},
      el("a", { href: this.linkTo(first) }, last === undefined ? `${first} ${t("andOn")}`
        : first === last ? first : `${first} – ${last}`))));
    const without = this.#without();
    this.element.replaceChildren(
      el("p", {}, t("viewSome", { seen: number(this.seen), n: number(this.total ?? 0) })), links("ol", "ranges", this.ranges),
      ...(without.length > 0 ? [el("p", {}, t("viewWithout", { n: number(this.total - this.seen) })),
        links("ul", "ranges without", without)] : []));
  }
}

/** A form that shows what fits a model. */
export function fitForm(session, linkTo) {
  const tokens = el("input", { type: "number", name: "max_tokens", min: 1, value: 8000, required: true });
  const drop = el("input", { type: "checkbox", name: "drop" });
  const shown = el("div", { role: "status" });
  return el("form", { class: "fit", onsubmit: async (event) => {
    event.preventDefault();
    try {
      const context = await get(ofSession(session, "/context"), { max_tokens: tokens.value,
        system: drop.checked ? "drop" : "keep", include_deleted: true });
      shown.replaceChildren(...fitting(context, linkTo));
    } catch (problem) {
      shown.replaceChildren(el("p", { class: "failed" }, problem.type === "context-too-small"
        ? t("fitsNothing", { n: number(problem.body.needed) }) : explain(problem)));
    }
  } }, el("h2", {}, t("fits")), field(t("maxTokens"), tokens),
  el("label", { class: "check" }, drop, t("dropSystem")), el("button", {}, t("compute")), shown);
}

function fitting(context, linkTo) {
  const { messages, tokens, estimated_tokens: estimated, first_seq: first, last_seq: last } = context;
  return [
    el("p", {}, t("fitsResult", { n: number(messages.length), tokens: number(tokens), estimated: number(estimated) })),
    first !== undefined && el("p", {}, t("fitsRange", { first, last, omitted: number(context.omitted) })),
    context.left_out.length > 0 && el("div", {}, el("h3", {}, t("leftOut")), el("ul", {}, context.left_out.map((each) =>
      el("li", {}, el("a", { href: linkTo(each.seq) }, each.seq), ` ${each.reason}`)))),
    context.pending_tool_calls.length > 0 && el("p", {}, t("pending", { calls: context.pending_tool_calls.join(", ") })),
    el("ol", { class: "fitting" }, messages.map((message) => el("li", {}, el("b", {}, textOf(message.role ?? message.type)),
      ` ${readable(message.content ?? message.tool_calls ?? "").slice(0, 120)}`)))
  ].filter(Boolean);
}
