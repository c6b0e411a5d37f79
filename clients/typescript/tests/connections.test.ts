import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { describe, test, type TestContext } from "node:test";

import { isProblem, SessionStore, StoreError, StoreUnavailable } from "../src/index.js";
import { refusal } from "../src/errors.js";
import { Proxy, type Step } from "./proxy.js";
import { all, user, withProxy, withStore } from "./store-test.js";
import { withoutPauses } from "./timers.js";

const contents = async (store: SessionStore, id: string) => (await all(store.messages(id))).map(({ content }) => content);

describe("connections", () => {
  test("an append whose answer is lost is written once", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    withoutPauses(t);
    await store.append(id, user("a"));
    proxy.plan = ["lose-answer", "lose-request", "half-answer", "lose-answer"];
    assert.equal((await store.append(id, user("b"))).last_seq, 2);
    assert.deepEqual(await contents(store, id), ["a", "b"]);
    const [other, ...keys] = proxy.keys().slice(0, 6);
    assert.equal(new Set(keys).size, 1, "one key for all tries of a call");
    assert.ok(typeof keys[0] === "string" && keys[0] !== other);
  });

  test("each call has its own key", async (t) => {
    const { store, id } = await withProxy(t);
    await Promise.all([store.append(id, user("the same")), store.append(id, user("the same"))]);
    assert.deepEqual(await contents(store, id), ["the same", "the same"]);
  });

  test("turns, switches, views, saves and reads survive lost connections", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    withoutPauses(t);
    const losing = <T>(step: Step, work: Promise<T>) => {
      proxy.plan = [step];
      return work;
    };
    await losing("lose-answer", store.appendTurn(id, { messages: [user("a")], agent_switch: { to_agent: "coder" } }));
    await losing("half-answer", store.switchAgent(id, { to_agent: "tester" }));
    assert.equal((await losing("half-answer", store.getAgentContext(id))).switch_count, 2);
    await losing("lose-answer", store.saveHistory(id, [user("a"), user("b")]));
    const view = await store.getView(id);
    assert.equal((await losing("lose-answer", store.setView(id, [[2]], { ifView: view }))).view_no, view.view_no + 1);
    await losing("lose-answer", store.compact(id, { summary: user("s"), through_seq: 2 }));
    assert.deepEqual((await losing("half-answer", store.getHistory(id))).messages, [user("s")]);
    await losing("lose-answer", store.saveAgentContext(id, { current_agent: "coder" }));
    assert.equal((await store.getStats(id)).message_count, 3);
  });

  test("busy is tried again after the time it says", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    const pauses = withoutPauses(t);
    proxy.plan = ["busy", "rate-limited"];
    await store.append(id, user("a"));
    const [busy, limited] = pauses as [number, number];
    assert.ok(busy >= 50 && busy <= 100 && limited >= 1100 && limited <= 1200, String(pauses));
  });

  test("tries are counted, and their pauses grow to a limit", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    const pauses = withoutPauses(t);
    proxy.plan = Array.from({ length: 100 }, () => "busy" as const);
    const failed = await store.getHistory(id).catch((error: unknown) => error);
    assert.ok(failed instanceof StoreUnavailable && failed.is("busy") && !failed.outcomeUnknown);
    assert.equal(proxy.requests.length, 12);
    for (const [i, longest] of [100, 200, 400, 800, 1600, 2000, 2000, 2000].entries()) {
      assert.ok(pauses[i]! >= longest / 2 && pauses[i]! <= longest, String(pauses));
    }
  });

  test("a wait that would take longer than the timeout is not begun, and retries can be switched off", async (t) => {
    const { store, id, proxy } = await withProxy(t, { timeout: 900 });
    proxy.plan = ["rate-limited"];
    await assert.rejects(store.getHistory(id), (error) => error instanceof StoreUnavailable && error.status === 429 && error.retryAfter === 1000);
    proxy.plan = ["busy"];
    const once = new SessionStore({ url: proxy.url, retries: 0 });
    await assert.rejects(once.getHistory(id), (error) => isProblem(error, "busy"));
    assert.equal(proxy.requests.length, 2);
  });

  test("what will not heal is not tried again", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    for (const status of [400, 401, 403, 404, 409, 410, 412, 413, 422, 500]) {
      proxy.requests.length = 0;
      proxy.plan = [{ status, json: { type: "/problems/x", title: "t", status, detail: "d" } }];
      await assert.rejects(store.getHistory(id), (error) =>
        error instanceof StoreError && error.status === status && error.outcomeUnknown === (status === 500));
      assert.equal(proxy.requests.length, 1);
    }
  });

  test("a signal ends a call, also while it waits for the next try", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    const reason = new Error("enough");
    await assert.rejects(store.getHistory(id, { signal: AbortSignal.abort(reason) }), reason);
    assert.equal(proxy.requests.length, 0);
    const { url } = await silent(t);
    const controller = new AbortController();
    const waiting = new SessionStore({ url }).getHistory(id, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(waiting, reason);
    proxy.plan = Array.from({ length: 20 }, () => "rate-limited" as const);
    await assert.rejects(store.getHistory(id, { signal: AbortSignal.timeout(50) }), { name: "TimeoutError" });
  });

  test("the key is sent, a token is asked for each time, and none is printed", async (t) => {
    const { id, proxy } = await withProxy(t);
    const store = new SessionStore({ url: proxy.url, key: "secret-7" });
    proxy.plan = [{ json: {} }, "busy", { json: {} }];
    await store.getHistory(id);
    assert.equal(proxy.requests[0]!.headers.authorization, "Bearer secret-7");
    let asked = 0;
    await new SessionStore({ url: proxy.url, token: async () => `token-${++asked}` }).getHistory(id);
    assert.deepEqual(proxy.requests.slice(1).map(({ headers }) => headers.authorization), ["Bearer token-1", "Bearer token-2"]);
    assert.throws(() => new SessionStore({ key: "secret\n7" }), (error) => error instanceof TypeError && !error.message.includes("secret"));
    const sick = new SessionStore({ url: proxy.url, token: () => Promise.reject(new Error("no token")) });
    await assert.rejects(sick.getHistory(id), { message: "no token" });
    assert.throws(() => new SessionStore({ key: "a", token: "b" }), TypeError);
  });

  test("a token that does not come is waited for as long as the call, and no longer than it is wanted", async (t) => {
    const { id, proxy } = await withProxy(t);
    const store = new SessionStore({ url: proxy.url, token: () => new Promise<string>(() => undefined) });
    await assert.rejects(store.getHistory(id, { timeout: 50 }), (error) => error instanceof StoreUnavailable && !error.outcomeUnknown);
    await assert.rejects(store.getHistory(id, { signal: AbortSignal.timeout(50) }), { name: "TimeoutError" });
    const tail = store.tail(id);
    const waiting = tail.next();
    await tail.return();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    const draft = store.draft(id, undefined, { signal: AbortSignal.timeout(50) });
    await draft.write("a");
    await assert.rejects(draft.commit(user("a")), { name: "TimeoutError" });
    assert.equal(proxy.requests.length, 0);
  });

  test("the time to wait is told in seconds or as a date", () => {
    const asked = (retryAfter: string) =>
      (refusal(new Response("", { status: 503, headers: { "Retry-After": retryAfter } }), "") as StoreUnavailable).retryAfter;
    assert.equal(asked("60"), 60_000);
    assert.ok(asked(new Date(Date.now() + 60_000).toUTCString()) > 50_000);
    assert.deepEqual(["Wed, 21 Oct 2015 07:28:00 GMT", "-5", "soon 2099", "soon GMT", ""].map(asked), [0, 0, 0, 0, 0]);
  });

  test("a timeout may be without end", async () => {
    const { store, id } = await withStore({ timeout: Infinity, retries: 0 });
    await store.append(id, user("a"));
    assert.equal((await store.getStats(id, { timeout: 2 ** 31 })).message_count, 1);
  });

  test("nobody there", async () => {
    const url = await nobody();
    const failed = await new SessionStore({ url: `${url}/store/`, timeout: 300 }).append("s", user("a")).catch((error: unknown) => error);
    assert.ok(failed instanceof StoreUnavailable);
    assert.deepEqual([failed.message, failed.status, failed.outcomeUnknown], [`cannot reach ${url}/store: connection refused`, undefined, false]);
  });

  test("a silent service is waited for until the timeout", async (t) => {
    const { url } = await silent(t);
    const before = Date.now();
    const failed = await new SessionStore({ url, timeout: 200 }).append("s", user("a")).catch((error: unknown) => error);
    assert.ok(failed instanceof StoreUnavailable && failed.outcomeUnknown);
    assert.equal(failed.message, `no answer from ${url}: timed out`);
    assert.ok(Date.now() - before >= 195 && Date.now() - before < 2000);
    await assert.rejects(new SessionStore({ url }).getStats("s", { timeout: 50 }), StoreUnavailable);
  });

  test("a service that comes back is found", async (t) => {
    const url = await nobody();
    const waiting = new SessionStore({ url }).getSession("a");
    const proxy = await Proxy.to(await withStore().then((it) => it.url), Number(new URL(url).port));
    t.after(() => proxy.close());
    proxy.plan = [{ json: { session_id: "a" } }];
    assert.equal((await waiting).session_id, "a");
  });

  test("something else at the address is told from the store", async (t) => {
    const { id, proxy } = await withProxy(t);
    const store = new SessionStore({ url: proxy.url });
    for (const json of ["<html>", "", [], "null"]) {
      proxy.plan = [{ json }];
      await assert.rejects(store.getHistory(id), { name: "StoreError", message: /not JSON: is that the address/ });
    }
    proxy.plan = [{ json: {} }];
    await assert.rejects(store.tail(id).next(), { name: "StoreError", message: /no stream: is that the address/ });
    const elsewhere = createServer((_, response) => response.writeHead(302, { Location: proxy.url }).end());
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    t.after(() => elsewhere.close());
    const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    await assert.rejects(new SessionStore({ url, key: "secret" }).getHistory(id), { name: "StoreError", message: /sends requests elsewhere/ });
  });

  test("wrong settings are refused at once", () => {
    for (const url of ["sqlite:///data/a.db", "localhost:8080", "", "http://user:password@localhost", "http://localhost/?a=b", "http://localhost/#a"]) {
      assert.throws(() => new SessionStore({ url }), (error) => error instanceof TypeError && !error.message.includes("password"), url);
    }
    assert.throws(() => new SessionStore({ timeout: 0 }), TypeError);
    assert.throws(() => new SessionStore({ retries: -1 }), TypeError);
    assert.equal(new SessionStore({ url: "https://store.example/a/" }).url, "https://store.example/a");
  });

  test("another fetch can be given, and is called as a function", async () => {
    const asked: string[] = [];
    const fetch = async function (this: unknown, url: unknown) {
      asked.push(String(url));
      return new Response('{"session_id":"a"}');
    } as typeof globalThis.fetch;
    assert.equal((await new SessionStore({ url: "http://store/", fetch }).getSession("a")).session_id, "a");
    assert.deepEqual(asked, ["http://store/v1/sessions/a"]);
  });
});

/** A port on which nobody listens. */
async function nobody(): Promise<string> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** A port on which everything is taken, and nothing answered. */
async function silent(t: TestContext): Promise<{ url: string }> {
  const server = createSocketServer();
  const sockets: { destroy(): void }[] = [];
  server.on("connection", (socket) => sockets.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
