// What leaves when, and what would leave by other times. Nothing is changed here.

import { get, send } from "./api.js";
import { el, field } from "./dom.js";
import { number, span, t, time } from "./i18n.js";

export function retentionPage({ main, fail }) {
  const shown = el("section", { class: "card" }, el("h2", {}, t("leaves")), el("p", { class: "quiet" }, t("loading")));
  main.append(el("h1", {}, t("retention")), shown);
  get("/v1/retention").then((state) => {
    shown.replaceChildren(el("h2", {}, t("leaves")), settings(state));
    main.append(el("section", { class: "card" }, el("h2", {}, t("dryRun")), el("p", { class: "quiet" }, t("dryRunNote")),
      counting("idleHours", Math.max(1, Math.ceil(seconds(state.settings.max_idle) / 3600)), 1, async (hours) => t("wouldClean",
        { n: number((await send("POST", "/v1/retention/cleanup", { max_age_hours: hours, dry_run: true })).cleaned) }), fail),
      counting("deletedDays", Math.ceil(seconds(state.settings.purge_after) / 86400), 0, async (days) => {
        const counted = await send("POST", "/v1/retention/purge", { days_old: days, dry_run: true });
        return t("wouldPurge", { n: number(counted.deleted), messages: number(counted.messages) });
      }, fail)));
  }).catch((problem) => {
    shown.remove();
    fail(problem);
  });
  return { leave: () => {} };
}

function settings({ settings: set, last_run: last, next_run: next }) {
  return el("dl", {}, [
    ["job", t(set.enabled ? "on" : "off")],
    ["interval", duration(set.interval)],
    ["maxIdle", duration(set.max_idle)],
    ["purgeAfter", duration(set.purge_after)],
    ["lastRun", last ? runResult(last) : t("noRun")],
    ["nextRun", next && time(next)]
  ].filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [el("dt", {}, t(name)), el("dd", {}, value)]));
}

function runResult(run) {
  const said = t("runResult", { time: time(run.finished_at), cleaned: number(run.cleaned), expired: number(run.expired),
    deleted: number(run.deleted), messages: number(run.messages) });
  return run.succeeded ? said : `${said}. ${t("runFailed")}`;
}

/** A form that counts; `count` says in words what it found. */
function counting(name, value, min, count, fail) {
  const input = el("input", { type: "number", name, min, value, required: true });
  const answer = el("output", {});
  return el("form", { class: "filters", onsubmit: async (event) => {
    event.preventDefault();
    try {
      answer.textContent = await count(Number(input.value));
      fail();
    } catch (problem) {
      fail(problem);
    }
  } }, field(t(name), input), el("button", {}, t("count")), answer);
}

/** `PT24H` in seconds. */
function seconds(iso) {
  const [, ...parts] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(iso);
  return parts.reduce((sum, part, index) => sum + Number(part ?? 0) * [3600, 60, 1][index], 0);
}

/** A time span as people say it: in the largest unit that leaves no rest. */
function duration(iso) {
  const all = seconds(iso);
  const [unit, length] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, each]) => all % each === 0) ?? ["second", 1];
  return span(all / length, unit);
}
