// One session: its messages, live, and beside them what is known of it.

import { Agents } from "./agents.js";
import { get, ofSession } from "./api.js";
import { edit, erase, fork, remove, restore, watchErasure } from "./changes.js";
import { button, el } from "./dom.js";
import { Drafts } from "./drafts.js";
import { number, t, time } from "./i18n.js";
import { Log } from "./log.js";
import { rowOf } from "./message.js";
import { View, fitForm } from "./model.js";
import { plot } from "./plot.js";
import { follow } from "./tail.js";

/** What has come is shown this often, in milliseconds: messages may come by the hundred a second. */
const EVERY = 100;

/** How often, at most, numbers and the plot follow. */
const SLOWLY = 1000;

export function sessionPage({ main, of: id, query, fail }) {
  const page = new SessionPage(main, id, fail);
  page.begin(seqOf(query));
  return { leave: () => page.end(), goTo: (other) => page.goTo(seqOf(other)) };
}

const seqOf = (query) => Number(query.get("seq")) || undefined;

const linkTo = (id) => (seq) => `#/session/${encodeURIComponent(id)}?seq=${seq}`;

class SessionPage {
  #ended = false;
  #unfollow = () => {};
  #arrived = [];
  #timers = new Map();
  /** Rises when something changes that marks all rows. */
  #marking = 0;
  /** The newest message of those that are not new to who looks. */
  seen = 0;

  constructor(main, id, fail) {
    this.id = id;
    this.main = main;
    this.tell = fail;
    this.fail = (problem) => this.#ended || fail(problem);
    this.drafts = new Drafts();
    this.behind = el("div", { class: "marks" });
    this.agents = new Agents(id, linkTo(id));
    this.view = new View(id, linkTo(id));
    this.log = new Log({
      name: t("log"),
      load: (query) => get(ofSession(id, "/messages"), { ...query, include_deleted: true }),
      rowOf: (message) => rowOf(message, { linkTo: linkTo(id), forkHere: (seq) => this.#fork(seq) }),
      tail: el("div", { class: "behind" }, this.behind, this.drafts.element),
      changed: () => this.#logChanged(),
      fail: this.fail
    });
    this.#layOut();
  }

  async begin(seq) {
    try {
      await this.#loadSession();
      this.seen = this.log.newest = this.session.last_seq;
      this.fail();
      await Promise.all([this.agents.load(), this.view.load(), this.#loadStats(), this.#showAt(seq)]);
      this.#markAll();
      if (!this.#ended && !this.session.deleted_at) {
        this.#follow();
      }
    } catch (problem) {
      this.#say("");
      this.#failed(problem);
    }
  }

  /** Of a session that is gone nothing stays on the page but its id, as in the address. */
  #failed(problem) {
    if (problem.type === "session-not-found" && !this.#ended) {
      this.#empty();
      this.tell(problem);
    } else {
      this.fail(problem);
    }
  }

  #empty() {
    this.end();
    document.title = t("app");
    this.main.replaceChildren(el("div", { class: "title" }, el("a", { href: "#/sessions" }, t("back")), el("h1", {}, this.id)));
  }

  /** @param seq of the message to show; the newest one without it */
  goTo(seq) {
    this.#showAt(seq).catch(this.fail);
  }

  /** The place may have been typed by hand. */
  #showAt(seq) {
    return seq === undefined ? this.log.showEnd()
      : this.log.showAt(Math.min(Math.max(1, Math.trunc(seq)), Math.max(1, this.log.newest)));
  }

  end() {
    this.#ended = true;
    this.#unfollow();
    this.#timers.forEach(clearTimeout);
  }

  #layOut() {
    this.heading = el("h1", {});
    this.status = el("span", { class: "chip", role: "status", "data-state": "loading" }, t("loading"));
    this.actions = el("div", { class: "buttons" });
    this.notice = el("p", { class: "notice", role: "status", hidden: true });
    this.facts = el("div", {});
    this.stats = el("div", {});
    this.plot = el("div", {});
    this.place = el("input", { type: "range", min: 1, "aria-label": t("position"),
      oninput: () => this.number.value = this.place.value, onchange: () => this.goTo(Number(this.place.value)) });
    this.number = el("input", { type: "number", min: 1, "aria-label": t("goTo"),
      onchange: () => this.goTo(Number(this.number.value)) });
    this.fresh = button("", () => this.goTo(), { class: "primary", hidden: true });
    const panel = (name, ...content) => el("details", { class: "panel", open: matchMedia("(min-width: 60rem)").matches },
      el("summary", {}, t(name)), content);
    this.main.append(
      el("div", { class: "title" }, el("a", { href: "#/sessions" }, t("back")), this.heading, this.status, this.actions),
      this.notice,
      el("section", { class: "messages", "aria-label": t("log") }, this.log.element, el("div", { class: "places" },
        button(t("oldest"), () => this.goTo(1)), this.place, this.number,
        button(t("newest"), () => this.goTo()), this.fresh)),
      el("aside", {}, panel("about", el("dl", {}, this.facts, this.stats)), panel("agents", this.agents.element),
        panel("model", this.view.element, fitForm(this.id, linkTo(this.id))), panel("plot", this.plot)));
  }

  async #loadSession() {
    this.#show(await get(ofSession(this.id), { include_deleted: true }));
  }

  #show(session) {
    this.session = session;
    this.heading.textContent = this.heading.title = session.title ?? session.session_id;
    document.title = `${this.heading.textContent} – ${t("app")}`;
    this.notice.hidden = !session.deleted_at;
    this.main.classList.toggle("deleted", Boolean(session.deleted_at));
    this.notice.textContent = session.deleted_at ? t("isDeleted") : "";
    if (session.deleted_at) {
      this.#say("deleted");
    }
    const labels = Object.entries(session.labels ?? {}).map(([name, text]) =>
      el("span", { class: "chip label" }, `${name}:${text}`));
    const from = session.forked_from;
    this.facts.replaceChildren(...facts([
      ["identifier", el("code", {}, session.session_id)],
      ["owner", session.owner],
      ["labels", labels.length > 0 ? labels : undefined],
      ["created", time(session.created_at)],
      ["expires", session.expires_at && time(session.expires_at)],
      ["forkedFrom", from && el("a", { href: linkTo(from.session_id)(from.seq) }, `${from.session_id}, ${from.seq}`)],
      ["metadata", session.metadata && el("pre", { class: "code" }, JSON.stringify(session.metadata, null, 2))]
    ]));
    const reload = () => this.#reload();
    const actions = session.deleted_at
      ? [button(t("restore"), () => restore(session, reload), { class: "primary" })]
      : [button(t("edit"), () => this.#edit()),
        button(t("fork"), () => this.#fork(this.log.newest)),
        button(t("remove"), () => remove(session, reload))];
    this.actions.replaceChildren(el("a", { class: "button", href: `#/search?session_id=${encodeURIComponent(this.id)}` },
      t("searchHere")), ...actions, button(t("erase"), () => erase(session, (receipt) => this.#erased(receipt)),
      { class: "danger" }));
  }

  async #loadStats() {
    const stats = await get(ofSession(this.id, "/stats"), { include_deleted: true });
    this.stats.replaceChildren(...facts([["active", time(stats.last_activity)],
      ["statMessages", number(stats.message_count)], ["statTokens", number(stats.total_tokens)]]));
    this.view.count(this.log.newest, stats.message_count, stats.view_message_count);
  }

  async #reload() {
    this.#unfollow();
    this.drafts.clear();
    this.#say("loading");
    await this.begin();
  }

  /** What is changed is read anew: the page may have been open for long. */
  async #edit() {
    try {
      const session = await get(ofSession(this.id));
      if (!this.#ended && !document.querySelector("dialog")) {
        edit(session, (changed) => this.#show(changed));
      }
    } catch (problem) {
      this.#failed(problem);
    }
  }

  #fork(seq) {
    fork(this.session, seq, (made) => {
      location.hash = `#/session/${encodeURIComponent(made.session_id)}`;
    });
  }

  #erased(receipt) {
    this.#empty();
    const notice = el("p", { class: "notice", role: "status" });
    this.main.append(notice);
    watchErasure(receipt, notice);
  }

  /** @param state the name of a text, or nothing */
  #say(state) {
    if (this.status.dataset.state !== state) {
      this.status.dataset.state = state;
      this.status.textContent = state && t(state);
    }
  }

  // live

  #follow() {
    // what comes between the page of messages and this is told again, and known by its seq
    this.#unfollow = follow(`${ofSession(this.id, "/tail")}?drafts=true&after=${this.session.last_seq}`, {
      state: (state, problem) => this.#followed(state, problem),
      event: (name, data) => {
        this.#arrived.push({ name, data });
        this.#soon("arrived", EVERY, () => this.#take(this.#arrived.splice(0)));
      }
    });
  }

  #followed(state, problem) {
    this.#say(state);
    if (problem) {
      this.#failed(problem);
    }
  }

  /** Takes what has come, messages all at once. */
  #take(events) {
    if (events.some(({ name }) => name === "history_replaced" || name === "session_deleted")) {
      return this.#reload();
    }
    const messages = events.filter((each) => each.name === "message").map((each) => each.data);
    const switches = events.filter((each) => each.name === "agent_switch").map((each) => each.data);
    this.#keepAtEnd(() => {
      events.forEach(({ name, data }) => this.#takeOne(name, data));
      this.drafts.show();
    });
    if (switches.length > 0) {
      this.agents.add(switches);
      this.#marking++;
    }
    if (messages.length > 0) {
      this.log.add(messages);
      this.#soon("stats", SLOWLY, () => this.#loadStats().then(() => this.fail(), this.fail));
    } else {
      this.#logChanged();
    }
  }

  #takeOne(name, data) {
    switch (name) {
      case "ready": this.drafts.clear(); break;
      case "draft": this.drafts.draft(data); break;
      case "draft_discarded": this.drafts.end(data.message_id); break;
      case "message": this.drafts.end(data.id); break;
      case "view": this.#soon("view", SLOWLY, () => this.#again(this.view.load())); break;
      case "agent_history_replaced": this.#soon("agents", SLOWLY, () => this.#again(this.agents.load())); break;
    }
  }

  async #again(loaded) {
    await loaded.catch(this.fail);
    this.#markAll();
  }

  #keepAtEnd(change) {
    const follows = this.log.isAtBottom();
    change();
    if (follows) {
      this.log.toEnd();
    }
  }

  /** Does it after a while, once however often it is asked for until then. */
  #soon(name, wait, action) {
    if (!this.#timers.has(name) && !this.#ended) {
      this.#timers.set(name, setTimeout(() => {
        this.#timers.delete(name);
        action();
      }, wait));
    }
  }

  // what is said of messages

  #markAll() {
    this.#marking++;
    this.#logChanged();
  }

  #logChanged() {
    const { rows, newest, atEnd } = this.log;
    this.#keepAtEnd(() => {
      rows.forEach((row, index) => this.#mark(row, rows[index - 1]));
      this.#markBehind(rows.length === 0 && atEnd, newest);
    });
    const current = this.log.current();
    this.place.max = this.number.max = Math.max(1, newest);
    if (!this.place.matches(":active")) {
      // it is not pulled out of somebody's hand
      this.place.value = current;
    }
    if (document.activeElement !== this.number) {
      this.number.value = current;
    }
    this.seen = atEnd ? newest : this.seen;
    this.fresh.hidden = newest <= this.seen;
    this.fresh.textContent = t("fresh", { n: number(newest - this.seen) });
    this.#soon("plot", SLOWLY / 2, () => this.#plot());
  }

  #markBehind(none, newest) {
    const key = `${this.#marking} ${newest} ${none}`;
    if (this.behind.dataset.key !== key) {
      this.behind.dataset.key = key;
      this.behind.replaceChildren(...this.agents.behind(Math.max(1, newest)),
        ...(none ? [el("p", { class: "quiet" }, t("noMessages"))] : []));
    }
  }

  #mark(row, previous) {
    if (row.marking !== this.#marking) {
      row.marking = this.#marking;
      this.agents.mark(row, previous);
      const seen = this.view.has(row.message.seq);
      row.element.classList.toggle("out", !seen);
      row.element.title = seen ? "" : t("outOfView");
    }
  }

  #plot() {
    const { rows } = this.log;
    const key = `${rows[0]?.message.seq}-${rows.at(-1)?.message.seq}`;
    if (this.plotted !== key) {
      this.plotted = key;
      this.plot.replaceChildren(plot(rows, this.log.newest, (seq) => this.goTo(seq)));
    }
  }
}

/** Names and values; those that are not there are left out. */
function facts(all) {
  return all.filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [el("dt", {}, t(name)), el("dd", {}, value)]);
}
