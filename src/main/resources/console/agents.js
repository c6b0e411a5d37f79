// Which agent was at work when.

import { get, ofSession } from "./api.js";
import { el } from "./dom.js";
import { number, t, time } from "./i18n.js";

const MOST = 1000;

/** How many colours console.css has. */
const COLOURS = 8;

export class Agents {
  /** By rising number. */
  switches = [];
  first = undefined;
  more = false;

  constructor(session, linkTo) {
    this.session = session;
    this.linkTo = linkTo;
    this.element = el("div", {});
  }

  async load() {
    const query = { include_deleted: true };
    const [page, context] = await Promise.all([
      get(ofSession(this.session, "/agent-switches"), { ...query, order: "desc", limit: MOST }),
      get(ofSession(this.session, "/agent-context"), query).catch(() => ({}))
    ]);
    this.switches = page.data.reverse();
    this.more = page.has_more;
    this.first = this.switches.length > 0 ? this.switches[0].from_agent : context.current_agent;
    this.known = this.more ? this.switches[0].at_seq : 0;
    this.#draw();
  }

  add(fresh) {
    const last = this.switches.at(-1)?.switch_no ?? 0;
    const later = fresh.filter((each) => each.switch_no > last);
    this.first ??= this.switches.length === 0 ? later[0]?.from_agent : undefined;
    const all = [...this.switches, ...later];
    this.switches = all.slice(-MOST);
    if (all.length > MOST) {
      this.known = this.switches[0].at_seq;
    }
    this.#draw();
  }

  /** The agent at work when a message was written; undefined before the oldest switch that is known of very many. */
  of(seq) {
    if (seq <= this.known) {
      return undefined;
    }
    let [low, high] = [0, this.switches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.switches[middle].at_seq < seq) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low > 0 ? this.switches[low - 1].to_agent : this.first;
  }

  /** Says which agent wrote the message of a row, and which switches came between it and the one before. */
  mark(row, previous) {
    const { seq } = row.message;
    const agent = this.of(seq);
    row.element.dataset.agent = agent === undefined ? "" : colour(agent);
    row.agent.textContent = agent ?? "";
    const before = this.switches.filter((each) => each.at_seq < seq && each.at_seq >= (previous?.message.seq ?? seq - 1));
    row.marks.replaceChildren(...before.map((each) => switchNote(each)));
  }

  /** The switches behind this message: nothing has been written since. */
  behind(seq) {
    return this.switches.filter((each) => each.at_seq >= seq).map(switchNote);
  }

  #draw() {
    this.element.replaceChildren(
      this.switches.length === 0 ? el("p", { class: "quiet" }, this.first ?? t("noAgents"))
        : el("ol", { class: "timeline" }, [...this.switches].reverse().slice(0, 100).map((each) => el("li",
          { "data-agent": colour(each.to_agent) },
          el("a", { href: this.linkTo(each.at_seq + 1) }, each.to_agent),
          each.reason && el("span", {}, each.reason),
          el("time", { datetime: each.switched_at }, time(each.switched_at))))),
      this.more || this.switches.length > 100 ? el("p", { class: "quiet" }, t("olderSwitches", { n: number(100) })) : "");
  }
}

function switchNote({ to_agent: agent, reason }) {
  return el("p", { class: "switch", "data-agent": colour(agent) }, el("b", {}, t("switchNote", { agent })),
    reason ? ` · ${reason}` : "");
}

/** The same colour for the same name, everywhere. */
function colour(name) {
  let sum = 0;
  for (const character of name) {
    sum = (sum * 31 + character.codePointAt(0)) % 9973;
  }
  return String(sum % COLOURS);
}
