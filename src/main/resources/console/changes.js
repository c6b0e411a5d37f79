// What may be changed of a session, each with a question first.

import { get, ofSession, send } from "./api.js";
import { ask } from "./dialog.js";
import { el, field } from "./dom.js";
import { number, t } from "./i18n.js";

/** Sends only what is changed in the dialog: somebody else may change the rest meanwhile. */
export function edit(session, done) {
  const before = session.labels ?? {};
  const lines = Object.entries(before).map((label) => label.map(written).join(":"));
  const title = el("input", { name: "title", value: session.title ?? "" });
  // a field of one line does not keep every title as it is
  const shown = title.value;
  return ask({ title: t("edit"), action: t("save"), fields: [
    field(t("title"), title),
    field(t("labelLines"), el("textarea", { name: "labels", rows: 5 }, lines.join("\n")))
  ], perform: async ({ labels }) => {
    const given = labelsOf(labels.value);
    const changed = [
      ...Object.entries(given).filter(([name, text]) => !Object.hasOwn(before, name) || before[name] !== text),
      ...Object.keys(before).filter((name) => !Object.hasOwn(given, name)).map((name) => [name, null])
    ];
    const changes = {
      ...(title.value === shown ? {} : { title: title.value.trim() || null }),
      ...(changed.length > 0 ? { labels: Object.fromEntries(changed) } : {})
    };
    done(Object.keys(changes).length > 0 ? await send("PATCH", ofSession(session.session_id), changes) : session);
  } });
}

/** A part of a label as it stands in its line; what would not come back from there as it is stands as JSON. */
function written(text) {
  return text !== text.trim() || /^"|[\r\n]/.test(text) ? JSON.stringify(text) : text;
}

function meant(part) {
  try {
    return part.startsWith('"') ? String(JSON.parse(part)) : part;
  } catch {
    return part;
  }
}

function labelsOf(text) {
  return Object.fromEntries(text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const colon = line.indexOf(":");
    if (colon < 1) {
      throw new Error(t("badLabel", { line }));
    }
    return [line.slice(0, colon), line.slice(colon + 1)].map((part) => meant(part.trim()));
  }));
}

export function remove(session, done) {
  return ask({ title: t("remove"), text: t("removeAsk"), action: t("remove"), danger: true, perform: async () => {
    await send("DELETE", ofSession(session.session_id));
    done();
  } });
}

export function restore(session, done) {
  return ask({ title: t("restore"), text: t("restoreAsk"), action: t("restore"), perform: async () => {
    await send("POST", ofSession(session.session_id, "/restore"));
    done();
  } });
}

/** @param done is called with the new session */
export function fork(session, seq, done) {
  return ask({ title: t("fork"), text: t("forkAsk"), action: t("fork"), fields: [
    field(t("through"), el("input", { name: "through", type: "number", min: 1, value: seq || "" })),
    field(t("title"), el("input", { name: "title", value: session.title ?? "" })),
    field(t("newId"), el("input", { name: "new_id" }))
  ], perform: async ({ through, title, new_id: id }) => done(await send("POST", ofSession(session.session_id, "/forks"), {
    ...(through.value ? { through_seq: Number(through.value) } : {}),
    ...(title.value.trim() ? { title: title.value.trim() } : {}),
    ...(id.value ? { session_id: id.value } : {}),
    ...(session.owner ? { owner: session.owner } : {}),
    ...(session.labels ? { labels: session.labels } : {})
  })) });
}

/** @param done is called with the receipt */
export function erase(session, done) {
  return ask({ title: t("erase"), text: t("eraseAsk"), action: t("erase"), danger: true, fields: [
    field(t("eraseConfirm", { id: session.session_id }), el("input", { name: "confirm", required: true, autocomplete: "off" }))
  ], perform: async ({ confirm }) => {
    if (confirm.value !== session.session_id) {
      throw new Error(t("eraseMismatch"));
    }
    done(await send("POST", "/v1/erasures", { session_ids: [session.session_id] }));
  } });
}

/** Tells how far an erasure is, until it is done or nobody looks any more. */
export async function watchErasure(receipt, element) {
  let now = receipt;
  for (;;) {
    element.textContent = t("erased", { id: now.erasure_id, state: now.state, sessions: number(now.sessions),
      messages: number(now.messages) });
    if (now.state === "done") {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (!element.isConnected) {
      return;
    }
    // it goes on whether it is told or not
    now = await get(`/v1/erasures/${now.erasure_id}`).catch(() => now);
  }
}
