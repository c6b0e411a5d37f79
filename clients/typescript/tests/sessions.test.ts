import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { isProblem, StoreError, StoreUnavailable } from "../src/index.js";
import { all, user, withProxy, withStore } from "./store-test.js";

const LATER = "2126-01-31T12:00:00.123456Z";

describe("sessions", { concurrency: 4 }, () => {
  test("a session is created with its details, read, and changed by name", async () => {
    const { store, id } = await withStore();
    const details = { owner: "ann", title: "Посылка 🚑", labels: { env: "prod", "a b": "" }, expires_at: LATER, metadata: { customer: 4711 } };
    const made = await store.createSession({ session_id: id, ...details });
    assert.deepEqual(await store.getSession(id), made);
    assert.deepEqual({ ...made, ...details }, made);
    assert.equal(made.last_seq, 0);
    const changed = await store.updateSession(id, { owner: null, title: "late", labels: { env: null, lang: "ru" } });
    assert.equal(changed.owner, undefined);
    assert.deepEqual([changed.title, changed.labels, changed.metadata], ["late", { "a b": "", lang: "ru" }, { customer: 4711 }]);
  });

  test("a session without a name gets one, and a name is given once", async () => {
    const { store } = await withStore();
    const { session_id } = await store.createSession();
    assert.notEqual(session_id, (await store.createSession()).session_id);
    await assert.rejects(store.createSession({ session_id }), (error) => isProblem(error, "session-exists"));
  });

  test("any id works, and what no URL can say is refused", async () => {
    const { store, id } = await withStore();
    for (const odd of [`${id} café #1?&%41`, `${id}'()*!;:@,+ $~`, `${id}-🚑`]) {
      await store.append(odd, user("a"));
      assert.equal((await store.getSession(odd)).session_id, odd);
      assert.deepEqual((await store.getHistory(odd)).messages, [user("a")]);
    }
    for (const wrong of ["", ".", "..", "\ud83d", "\ude91\ud83d"]) {
      await assert.rejects(async () => store.getSession(wrong), TypeError);
    }
    await assert.rejects(async () => all(store.findSessions({ owner: "\ud83d" })), TypeError);
    await assert.rejects(store.getSession("a/b"), (error) => isProblem(error, "invalid-request"));
  });

  test("a deleted session is hidden until it is restored, or gone for good", async () => {
    const { store, id } = await withStore();
    await store.append(id, user("a"));
    await store.deleteSession(id);
    await assert.rejects(store.getSession(id), (error) => isProblem(error, "session-deleted"));
    assert.equal((await store.getSession(id, { includeDeleted: true })).is_active, false);
    await assert.rejects(store.deleteSession(id), (error) => isProblem(error, "session-deleted"));
    assert.equal((await store.restoreSession(id)).is_active, true);
    await assert.rejects(store.restoreSession(id), (error) => isProblem(error, "session-not-deleted"));
    await store.deleteSession(id, { soft: false });
    await assert.rejects(store.restoreSession(id), (error) => isProblem(error, "session-not-found"));
  });

  test("sessions are found by what is said of them, in parts", async () => {
    const { store, id } = await withStore();
    const owner = `owner-${id}`;
    for (let i = 0; i < 5; i++) {
      await store.createSession({ session_id: `${id}-${i}`, owner, title: `Parcel ${i}`, labels: { even: String(i % 2 === 0) } });
    }
    const ids = async (options: Parameters<typeof store.findSessions>[0]) =>
      (await all(store.findSessions({ owner, ...options }))).map(({ session_id }) => session_id.slice(id.length + 1)).join("");
    assert.equal(await ids({}), "43210");
    assert.equal(await ids({ order: "created" }), "01234");
    assert.equal(await ids({ labels: { even: "true" } }), "420");
    assert.equal(await ids({ title: "PARCEL 3" }), "3");
    assert.equal(await ids({ limit: 2 }), "43");
    assert.equal(await ids({ to: new Date(0) }), "");
    assert.equal(await ids({ from: new Date(0), labels: { even: "false" }, limit: 5 }), "31");
    await store.deleteSession(`${id}-4`);
    assert.equal(await ids({}), "3210");
    assert.equal(await ids({ includeDeleted: true }), "43210");
  });

  test("a list is followed part by part, and only as far as it is taken", async (t) => {
    const { store, proxy } = await withProxy(t);
    proxy.plan = [
      { json: { data: [{ session_id: "a" }, { session_id: "b" }], has_more: true, next: "/v1/sessions?cursor=x" } },
      { json: { data: [], has_more: true, next: "/v1/sessions?cursor=y" } },
      { json: { data: [{ session_id: "c" }], has_more: false } },
    ];
    const sessions = store.findSessions();
    assert.equal((await sessions.next()).value.session_id, "a");
    assert.equal((await sessions.next()).value.session_id, "b");
    assert.equal(proxy.requests.length, 1);
    assert.equal((await sessions.next()).value.session_id, "c");
    assert.equal((await sessions.next()).done, true);
    assert.deepEqual(proxy.requests.map(({ path }) => path), ["/v1/sessions?limit=1000", "/v1/sessions?cursor=x", "/v1/sessions?cursor=y"]);
  });

  test("stats count", async () => {
    const { store, id } = await withStore();
    await store.append(id, [{ ...user("a"), token_count: 3 }, { ...user("b"), token_count: 4 }]);
    const stats = await store.getStats(id);
    assert.deepEqual([stats.message_count, stats.view_message_count, stats.total_tokens], [2, 2, 7]);
  });

  test("a fork begins as the other was", async () => {
    const { store, id } = await withStore();
    await store.append(id, [user("a"), user("b"), user("c")]);
    const fork = await store.fork(id, { through_seq: 2, owner: "ann" });
    assert.deepEqual([fork.owner, fork.forked_from], ["ann", { session_id: id, seq: 2 }]);
    assert.deepEqual((await store.getHistory(fork.session_id)).messages, [user("a"), user("b")]);
  });

  test("a lost answer makes no second session, hides and restores once", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    proxy.plan = ["lose-answer"];
    assert.equal((await store.createSession({ title: "one" })).title, "one");
    assert.deepEqual(proxy.methods(), ["POST", "POST", "GET"]);
    await store.append(id, user("a"));
    proxy.plan = ["lose-answer"];
    assert.deepEqual((await store.fork(id)).forked_from, { session_id: id, seq: 1 });
    proxy.plan = ["lose-answer"];
    await assert.rejects(store.createSession({ session_id: `${id}-other` }), (error) => // somebody else may have made it
      isProblem(error, "session-exists") && error.outcomeUnknown);
    proxy.plan = ["lose-answer"];
    await store.deleteSession(id);
    proxy.plan = ["lose-answer"];
    assert.equal((await store.restoreSession(id)).session_id, id);
  });

  test("what would take along what others wrote meanwhile is not tried again once it may have been done", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    await store.append(id, user("a"));
    const agents = { current_agent: "a", agent_history: [{ to: "a" }] };
    for (const work of [
      () => store.saveAgentContext(id, agents), () => store.deleteAgentContext(id), () => store.eraseOwner(id),
      () => store.eraseSessions([`${id}-never`]), () => store.deleteSession(id, { soft: false }),
    ]) {
      proxy.requests.length = 0;
      proxy.plan = ["busy", "lose-answer"];
      await assert.rejects(work(), (error) => error instanceof StoreUnavailable && error.outcomeUnknown);
      assert.equal(proxy.requests.length, 2);
    }
    await assert.rejects(store.getSession(id), (error) => isProblem(error, "session-not-found"));
  });

  test("what leaves when is told, counted and done", async () => {
    const { store, id } = await withStore();
    assert.equal((await store.getRetention()).settings.enabled, false);
    await store.append(id, user("a"));
    assert.equal(await store.cleanUp({ maxAgeHours: 1000, dryRun: true }), 0);
    assert.equal(await store.cleanUp({ maxAgeHours: 1000 }), 0);
    assert.deepEqual(await store.purge({ daysOld: 1000 }), { deleted: 0, messages: 0 });
  });

  test("a problem says what it is, where, and what else there is to say", async () => {
    const { store, id } = await withStore();
    const refused = await store.append(id, [user("a"), { role: "bot" as "user", content: "b" }]).catch((error: unknown) => error);
    assert.ok(refused instanceof StoreError);
    assert.deepEqual([refused.name, refused.status, refused.type, refused.title],
      ["StoreError", 400, "/problems/invalid-request", "The request is not valid"]);
    assert.deepEqual(refused.errors.map(({ pointer }) => pointer), ["/1/role"]);
    assert.match(refused.message, /^\/1\/role: .* \(HTTP 400\)$/);
    assert.equal(refused.problem.detail, refused.detail);
    assert.ok(refused.is("busy", "invalid-request"));
    assert.ok(!refused.is("busy") && !isProblem(new Error("x"), "busy") && !refused.outcomeUnknown);
  });
});
