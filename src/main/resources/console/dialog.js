// A question that has to be answered before anything is changed.

import { button, el } from "./dom.js";
import { t } from "./i18n.js";
import { explain } from "./problem.js";

/**
 * Asks, and does it when the answer is yes. What does not work is told in the dialog, which stays.
 * @param danger whether it cannot be taken back easily
 * @param perform is called with the fields of the form by name; what it throws is told
 */
export function ask({ title, text, fields = [], action, danger = false, perform }) {
  const failed = el("p", { class: "failed", role: "alert", hidden: true });
  const yes = el("button", { class: danger ? "danger" : "primary" }, action);
  const form = el("form", { onsubmit: async (event) => {
    event.preventDefault();
    yes.disabled = true;
    try {
      await perform(form.elements);
      dialog.close();
    } catch (problem) {
      failed.hidden = false;
      failed.textContent = explain(problem);
    }
    yes.disabled = false;
  } },
  el("h2", { id: "dialog-title" }, title), text && el("p", {}, text), fields, failed,
  el("div", { class: "buttons" }, button(t("cancel"), () => dialog.close()), yes));
  const dialog = el("dialog", { "aria-labelledby": "dialog-title", onclose: () => {
    dialog.remove();
    // what opened it may be gone
    if (document.activeElement === document.body) {
      document.getElementById("main").focus();
    }
  } }, form);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
