// Messages that are being written, as they grow.

import { el } from "./dom.js";
import { t } from "./i18n.js";

export class Drafts {
  element = el("div", { class: "drafts" });

  /** By message id: the elements, and how many code points there are. */
  #open = new Map();

  draft({ message_id: id, offset, text }) {
    const draft = this.#open.get(id) ?? this.#begin(id);
    if (offset === draft.length) {
      draft.text.append(text);
    } else {
      draft.text.textContent = [...draft.text.textContent].slice(0, offset).join("") + text;
    }
    draft.length = offset + [...text].length;
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
    const text = el("div", { class: "body plain" });
    const element = el("article", { class: "message draft", "aria-label": t("draft"), "aria-live": "off" },
      el("header", {}, el("span", { class: "role" }, t("draft")), el("code", {}, id)), text);
    const draft = { element, text, length: 0 };
    this.#open.set(id, draft);
    this.element.append(element);
    return draft;
  }
}
