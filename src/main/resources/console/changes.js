// What may be changed of a session, each with a question first.

import { get, ofSession, send } from "./api.js";
import { ask } from "./dialog.js";
import { el, field } from "./dom.js";
import { number, t } from "./i18n.js";

export function edit(session, done) {
  const lines = Object.entries(session.labels ?? {}).map(([name, text]) => `${name}:${text}`);
  return ask({ title: t("edit"), action: t("save"), fields: [
    field(t("title"), el("input", { name: "title", value: session.title ?? "" })),
    field(t("labelLines"), el("textarea", { name: "labels", rows: 5 }, lines.join("\n")))
  ], perform: async ({ title, labels }) => {
    const given = labelsOf(labels.value);
    const removed = Object.keys(session.labels ?? {}).filter((name) => !(name in given)).map((name) => [name, null]);
    done(await send("PATCH", ofSession(session.session_id), { title: title.value.trim() || null,
      labels: { ...given, ...Object.fromEntries(removed) } }));
  } });
}

function labelsOf(text) {
  return Object.fromEntries(text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const colon = line.indexOf(":");
    if (colon < 1) {
      throw new Error(t("badLabel", { line }));
    }
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
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
