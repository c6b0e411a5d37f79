// What a model sees of a session: its view, and what of it fits.

import { get, ofSession } from "./api.js";
import { el, field } from "./dom.js";
import { number, t } from "./i18n.js";
import { readable } from "./blocks.js";

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

  /** @param total all messages; @param seen those that a model sees */
  count(total, seen) {
    this.total = total;
    this.seen = seen;
    this.#draw();
  }

  #draw() {
    if (this.ranges.length === 0) {
      this.element.replaceChildren(el("p", {}, t("viewAll", { n: number(this.total ?? this.seen) })));
      return;
    }
    this.element.replaceChildren(
      el("p", {}, t("viewSome", { seen: number(this.seen), n: number(this.total ?? 0) })),
      el("ol", { class: "ranges" }, this.ranges.map(([first, last]) => el("li", {},
        el("a", { href: this.linkTo(first) }, last === undefined ? `${first} ${t("andOn")}`
          : first === last ? first : `${first} – ${last}`)))));
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
        ? t("fitsNothing", { n: number(problem.body.needed) }) : t("error", { detail: problem.message })));
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
    el("ol", { class: "fitting" }, messages.map((message) => el("li", {}, el("b", {}, message.role ?? message.type ?? ""),
      ` ${readable(message.content ?? message.tool_calls ?? "").slice(0, 120)}`)))
  ].filter(Boolean);
}
