// The tokens of the messages that are in the document, as bars.

import { el, svg } from "./dom.js";
import { number, t } from "./i18n.js";

const HEIGHT = 60;

/** One bar a message; `goTo` is called with the seq of the one that is clicked, `newest` is the last of the session. */
export function plot(rows, newest, goTo) {
  if (rows.length === 0) {
    return el("p", { class: "quiet" }, t("noMessages"));
  }
  const bars = rows.map(({ message }) => ({ seq: message.seq, counted: message.token_count !== undefined,
    tokens: message.token_count ?? estimate(message) }));
  const most = Math.max(1, ...bars.map((bar) => bar.tokens));
  const name = t("plotName", { first: bars[0].seq, last: bars.at(-1).seq, newest, most: number(most) });
  const drawing = svg("svg", { class: "plot", viewBox: `0 0 ${bars.length} ${HEIGHT}`, preserveAspectRatio: "none",
    role: "img", "aria-label": name }, bars.map((bar, index) => {
    const height = Math.max(1, HEIGHT * bar.tokens / most);
    return svg("rect", { x: index + 0.1, y: HEIGHT - height, width: 0.8, height, class: bar.counted ? "bar" : "bar guess",
      onclick: () => goTo(bar.seq) }, svg("title", {}, `${bar.seq}: ${number(bar.tokens)}`));
  }));
  return el("div", {}, drawing, el("p", { class: "quiet" }, name, bars.every((bar) => bar.counted) ? "" : ` ${t("plotNote")}`));
}

/** As the service guesses it, about: a quarter of the length, and 4. */
function estimate(message) {
  return Math.ceil(JSON.stringify(message.content ?? message.tool_calls ?? "").length / 4) + 4;
}
