// Asks for a key or token.

import { el, field } from "./dom.js";
import { t } from "./i18n.js";

/** What can be sent as a key at all. */
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * @param refused whether there was one, which is not accepted
 * @param enter is called with what was given
 */
export function signInPage(main, refused, enter) {
  const input = el("input", { type: "password", name: "key", autocomplete: "off", required: true, spellcheck: "false" });
  main.className = "signin";
  main.replaceChildren(el("form", { class: "card", onsubmit: (event) => {
    event.preventDefault();
    const value = input.value.trim();
    if (SENDABLE.test(value)) {
      enter(value);
    } else {
      signInPage(main, true, enter);
    }
  } },
  el("h1", {}, t("signIn")),
  el("p", {}, t("signInWhy")),
  refused && el("p", { class: "failed", role: "alert" }, t("wrongKey")),
  field(t("key"), input),
  el("button", { class: "primary" }, t("enter"))));
  input.focus();
}
