// Messages that are being written, as they grow.

import { el } from "./dom.js";
import { t } from "./i18n.js";

/** Of a long one the last so many characters are seen: with each piece all that is seen is laid out again. */
const SHOWN = 20_000;

export class Drafts {
  element = el("div", { class: "drafts" });

  /** By message id: {element, text, said, length}; what is said is counted in code points. */
  #open = new Map();

  #grown = new Set();

  /** Takes a piece, which is seen after `show`: pieces come by the hundred a second, and each time a page is laid out. */
  draft({ message_id: id, offset, text }) {
    const draft = this.#open.get(id) ?? this.#begin(id);
    draft.said = (offset === draft.length ? draft.said : [...draft.said].slice(0, offset).join("")) + text;
    draft.length = offset + [...text].length;
    this.#grown.add(draft);
  }

  show() {
    this.#grown.forEach((draft) => draft.text.data = draft.said.length > SHOWN
      ? `…${draft.said.slice(-SHOWN)}` : draft.said);
    this.#grown.clear();
  }

  /** It was discarded, or has become a message. */
  end(id) {
    this.#open.get(id)?.element.remove();
    this.#open.delete(id);
  }

  clear() {
    this.#open.forEach((draft) => draft.element.remove());
    this.#open.clear();
  }

  #begin(id) {
    const text = document.createTextNode("");
    const element = el("article", { class: "message draft", "aria-label": t("draft"), "aria-live": "off" },
      el("header", {}, el("span", { class: "role" }, t("draft")), el("code", {}, id)),
    el("div", { class: "body plain" }, text));
    const draft = { element, text, said: "", length: 0 };
    this.#open.set(id, draft);
    this.element.append(element);
    return draft;
  }
}
