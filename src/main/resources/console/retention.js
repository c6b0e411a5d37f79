// What leaves when, and what would leave by other times. Nothing is changed here.

import { get, send } from "./api.js";
import { el, field } from "./dom.js";
import { number, t, time } from "./i18n.js";

export function retentionPage({ main, fail }) {
  const shown = el("section", { class: "card" }, el("h2", {}, t("leaves")), el("p", { class: "quiet" }, t("loading")));
  main.append(el("h1", {}, t("retention")), shown);
  get("/v1/retention").then((state) => {
    shown.replaceChildren(el("h2", {}, t("leaves")), settings(state));
    main.append(el("section", { class: "card" }, el("h2", {}, t("dryRun")), el("p", { class: "quiet" }, t("dryRunNote")),
      counting("idleHours", 24, 1, async (hours) => t("wouldClean",
        { n: number((await send("POST", "/v1/retention/cleanup", { max_age_hours: hours, dry_run: true })).cleaned) }), fail),
      counting("deletedDays", 30, 0, async (days) => {
        const counted = await send("POST", "/v1/retention/purge", { days_old: days, dry_run: true });
        return t("wouldPurge", { n: number(counted.deleted), messages: number(counted.messages) });
      }, fail)));
  }).catch((problem) => {
    shown.remove();
    fail(problem);
  });
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
    } catch (problem) {
      fail(problem);
    }
  } }, field(t(name), input), el("button", {}, t("count")), answer);
}

/** `PT24H` as people write it. */
function duration(iso) {
  const [, days, hours, minutes, seconds] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(iso) ?? [];
  const parts = [[days, "d"], [hours, "h"], [minutes, "min"], [seconds, "s"]].filter(([value]) => value !== undefined);
  return parts.length > 0 ? parts.map(([value, unit]) => `${number(Number(value))} ${unit}`).join(" ") : iso;
}
