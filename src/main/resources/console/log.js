// The messages of a session, of which only those around the place that is looked at are in the document: a session of a
// million messages costs no more than one of three hundred.

import { el } from "./dom.js";
import { joinResults } from "./message.js";

/** How many messages are asked for at a time. */
const PAGE = 50;

/** How many are in the document, at most. */
const MOST = 300;

/** So many pixels before an end of what is there, more is asked for. */
const AHEAD = 800;

export class Log {
  /** The messages that are in the document, {message, element} by rising seq. */
  rows = [];
  atBegin = true;
  /** Whether the last row is the newest message; then messages that come are added. */
  atEnd = false;
  /** The newest message that is known to be there. */
  newest = 0;

  #busy = false;
  #turn = 0;
  /** The newest message that was known when the page was asked for. */
  #asked = 0;
  /** Where the end was last shown: who is elsewhere has scrolled. */
  #endedAt;

  /**
   * @param load asks for a page of messages by its query
   * @param rowOf makes the row of a message
   * @param tail what stands behind the newest message
   * @param changed is called when other rows are there, or the place is another
   * @param fail is called with what went wrong when it loaded more by itself
   */
  constructor({ name, load, rowOf, tail, changed, fail }) {
    this.load = load;
    this.rowOf = rowOf;
    this.tail = tail;
    this.changed = changed;
    this.fail = fail;
    this.element = el("div", { class: "log", role: "feed", "aria-label": name, tabindex: 0 }, tail);
    this.element.addEventListener("scroll", () => {
      this.#extend();
      this.changed();
    }, { passive: true });
  }

  async showEnd() {
    await this.#show(() => this.load({ before: null, limit: PAGE }), (page) => {
      this.atBegin = !page.has_more;
      this.atEnd = false;
      this.#place(page.data);
      this.#reachedEnd({ has_more: false });
      this.toEnd();
    });
  }

  /** Shows this message, or the next one if it is not there. */
  async showAt(seq) {
    await this.#show(() => Promise.all([this.load({ before: seq, limit: PAGE / 2 }),
      this.load({ after: seq - 1, limit: PAGE })]), ([older, newer]) => {
      this.atBegin = !older.has_more;
      this.atEnd = false;
      this.#place([...older.data, ...newer.data]);
      this.#reachedEnd(newer);
      const row = this.rows.find((each) => each.message.seq >= seq) ?? this.rows.at(-1);
      if (row) {
        this.rows.forEach((each) => each.element.classList.toggle("sought", each === row));
        this.element.scrollTop += row.element.getBoundingClientRect().top - this.element.getBoundingClientRect().top;
        row.element.focus({ preventScroll: true });
      }
    });
  }

  /** Takes messages that have just been written, by rising seq. */
  add(messages) {
    this.newest = Math.max(this.newest, messages.at(-1).seq);
    const last = this.rows.at(-1)?.message.seq ?? 0;
    const fresh = messages.filter((each) => each.seq > last);
    if (this.atEnd && fresh.length > 0) {
      const follows = this.isAtBottom();
      if (follows && fresh.length >= MOST) {
        this.atBegin = false;
        this.#place(fresh.slice(-MOST));
      } else if (follows || this.rows.length + fresh.length <= MOST) {
        this.#append(fresh);
        if (follows) {
          this.#cutBegin();
        }
      } else {
        // whoever reads further up is not moved; the rest is loaded when it is come to
        this.#atEnd(false);
      }
      if (follows) {
        this.toEnd();
      }
    }
    this.changed();
  }

  isAtBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return this.atEnd && scrollHeight - scrollTop - clientHeight < 60;
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
    this.#endedAt = this.element.scrollTop;
  }

  #showsEnd() {
    return this.element.scrollTop === this.#endedAt;
  }

  /** The message at the upper edge, or the newest one at the end. */
  current() {
    if (this.isAtBottom()) {
      return Math.max(this.newest, this.rows.at(-1)?.message.seq ?? 0);
    }
    const top = this.element.getBoundingClientRect().top;
    let [low, high] = [0, this.rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].element.getBoundingClientRect().bottom > top + 1) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return this.rows[low]?.message.seq ?? 0;
  }

  async #show(ask, take) {
    const turn = ++this.#turn;
    this.#asked = this.newest;
    this.element.setAttribute("aria-busy", "true");
    try {
      const answer = await ask();
      if (turn === this.#turn) {
        take(answer);
      }
    } finally {
      if (turn === this.#turn) {
        this.element.setAttribute("aria-busy", "false");
        this.#busy = false;
        this.changed();
      }
    }
    if (turn === this.#turn) {
      this.#extend();
    }
  }

  /** Loads what is beyond an end that is near. */
  async #extend() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    const down = !this.atEnd && (this.#showsEnd() || scrollHeight - scrollTop - clientHeight < AHEAD);
    const up = !this.atBegin && scrollTop < AHEAD;
    if (this.#busy || !(down || up)) {
      return;
    }
    this.#busy = true;
    const first = this.rows[0];
    // after a failure it is asked again when somebody scrolls
    await this.#show(() => this.load(down ? { after: this.rows.at(-1)?.message.seq ?? 0, limit: PAGE }
      : { before: first.message.seq, limit: PAGE }), (page) => {
      if (down) {
        this.#addNewer(page);
      } else if (first === this.rows[0]) { // new messages may have cut it off
        this.#addOlder(page);
      }
    }).catch(this.fail);
  }

  #addOlder(page) {
    this.#keepPlace(this.rows[0].element, () => {
      const rows = page.data.map(this.rowOf);
      this.rows[0].element.before(...rows.map((row) => row.element));
      this.rows.unshift(...rows);
      const cut = this.rows.splice(MOST);
      cut.forEach((row) => row.element.remove());
      if (cut.length > 0) {
        this.#atEnd(false);
      }
      this.atBegin = !page.has_more;
    });
    joinResults(this.rows);
  }

  #addNewer(page) {
    const shows = this.#showsEnd();
    this.#append(page.data);
    this.#cutBegin();
    this.#reachedEnd(page);
    if (shows) {
      this.toEnd();
    }
  }

  /** What has been told since the page was asked for may not be in it yet. */
  #reachedEnd(page) {
    this.#atEnd(!page.has_more && (this.newest === this.#asked || this.rows.at(-1)?.message.seq >= this.newest));
  }

  #atEnd(is) {
    this.atEnd = is;
    this.tail.hidden = !is;
    if (!is) {
      this.#endedAt = undefined;
    }
  }

  #place(messages) {
    this.rows.forEach((row) => row.element.remove());
    this.rows = [];
    this.#append(messages);
    this.#atEnd(this.atEnd);
  }

  #append(messages) {
    const rows = messages.map(this.rowOf);
    this.tail.before(...rows.map((row) => row.element));
    this.rows.push(...rows);
    this.newest = Math.max(this.newest, this.rows.at(-1)?.message.seq ?? 0);
    joinResults(this.rows);
  }

  #cutBegin() {
    if (this.rows.length > MOST) {
      this.atBegin = false;
      this.#keepPlace(this.rows.at(-1).element, () => this.rows.splice(0, this.rows.length - MOST)
        .forEach((row) => row.element.remove()));
    }
  }

  /** Changes rows above without moving what is looked at. */
  #keepPlace(anchor, change) {
    const shows = this.#showsEnd();
    const before = anchor.getBoundingClientRect().top;
    change();
    this.element.scrollTop += anchor.getBoundingClientRect().top - before;
    if (shows) {
      this.#endedAt = this.element.scrollTop;
    }
  }
}
