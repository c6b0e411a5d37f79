import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";

import { DraftTexts, isProblem, SessionStore, StoreError, StoreUnavailable, type SessionsTailEvent, type TailEvent } from "../src/index.js";
import { all, assistant, take, until, user, withProxy, withStore, withWire } from "./store-test.js";
import { timersOf, withoutPauses } from "./timers.js";

const textOf = async (store: SessionStore, id: string, messageId: string) =>
  (await store.getDrafts(id)).find(({ message_id }) => message_id === messageId)?.text;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

for (const send of ["stream", "pieces"] as const) {
  describe(`a draft that is sent in ${send === "stream" ? "one request" : "pieces"}`, () => {
    test("is seen as it grows, and becomes its message", async () => {
      const { store, id } = await withStore();
      const draft = store.draft(id, undefined, { send });
      assert.match(draft.messageId, /^msg_/);
      await draft.write("The tests ");
      await until(async () => await textOf(store, id, draft.messageId).catch(() => "") === "The tests ");
      const texts = new DraftTexts();
      const tail = store.tail(id, { drafts: true, after: 0 });
      await until(async () => texts.apply((await take(tail, 1))[0]!) && texts.get(draft.messageId) === "The tests ");
      await draft.write("have passed. 🚑");
      await until(async () => texts.apply((await take(tail, 1))[0]!) && texts.get(draft.messageId) === draft.text);
      const done = await draft.commit({ ...assistant("The tests have passed."), token_count: 4 });
      assert.deepEqual([done.session_id, done.first_seq, done.last_seq], [id, 1, 1]);
      const [message] = await take(tail, 1);
      assert.ok(message!.event === "message" && message!.data.id === draft.messageId && message!.data.token_count === 4);
      assert.ok(texts.apply(message!) && texts.entries().length === 0);
      assert.deepEqual(await store.getDrafts(id), []);
      await tail.return();
    });

    test("is discarded", async () => {
      const { store, id } = await withStore();
      await store.append(id, user("a"));
      const draft = store.draft(id, "msg_1", { send });
      await draft.write("never mind");
      await until(() => textOf(store, id, "msg_1"));
      await draft.discard();
      assert.deepEqual(await store.getDrafts(id), []);
      await assert.rejects(draft.write("more"), TypeError);
      await assert.rejects(draft.discard(), TypeError);
      const never = store.draft(id, undefined, { send });
      await never.discard();
      assert.equal((await store.getStats(id)).message_count, 1);
    });

    test("may end before any text went out, and twice the same way", async () => {
      const { store, id } = await withStore();
      const draft = store.draft(id, "msg_1", { send });
      const done = await draft.commit(assistant("at once"));
      assert.deepEqual(await draft.commit(assistant("at once")), done);
      assert.deepEqual(await store.draft(id, "msg_1", { send }).commit(assistant("at once")), done);
      await assert.rejects(draft.commit(assistant("another")), (error) => isProblem(error, "message-exists"));
      await assert.rejects(draft.commit({ ...assistant("a"), id: "msg_2" }), TypeError);
      await assert.rejects(draft.write("more"), TypeError);
      const hasty = store.draft(id, undefined, { send });
      void hasty.write("a");
      assert.equal((await hasty.commit(assistant("a"))).last_seq, 2);
    });

    test("goes on by itself after lost connections", async (t) => {
      const { store, id, wire } = await withWire(t);
      withoutPauses(t);
      const { store: other } = await withStore();
      await other.append(id, user("a"));
      const draft = store.draft(id, "msg_1", { send });
      for (let i = 0; i < 40; i++) {
        await draft.write(`${i} 🚑 `);
        if (i % 10 === 5) {
          wire.cut();
        }
        await pause(3);
      }
      await until(async () => await textOf(other, id, "msg_1") === draft.text, "the text is not whole");
      wire.cut();
      const texts = new DraftTexts();
      const tail = other.tail(id, { drafts: true });
      await until(async () => texts.apply((await take(tail, 1))[0]!) && texts.get("msg_1") === draft.text);
      await tail.return();
      assert.equal((await draft.commit(assistant(draft.text))).last_seq, 2);
      assert.deepEqual((await all(other.messages(id))).map(({ id: own }) => own), [undefined, "msg_1"]);
      assert.ok(wire.connections > 4, `${wire.connections} connections`);
    });

    test("is another's as soon as he goes on with it", async () => {
      const { store, id } = await withStore();
      const draft = store.draft(id, "msg_1", { send });
      await draft.write("mine ");
      await until(async () => await textOf(store, id, "msg_1").catch(() => "") === "mine ");
      const other = store.draft(id, "msg_1", { text: "mine ", send });
      await other.write("and yours");
      await until(async () => await textOf(store, id, "msg_1") === "mine and yours");
      const refused = await until(async () => {
        try {
          await draft.write("!");
          return false;
        } catch (error) {
          assert.ok(isProblem(error, "draft-taken", "draft-offset"), String(error));
          return true;
        }
      }).then(() => draft.commit(assistant("mine")).catch((error: unknown) => error));
      assert.ok(isProblem(refused, "draft-taken", "draft-offset"));
      assert.equal((await other.commit(assistant("ours"))).last_seq, 1);
    });

    test("tells what will not heal, and commits nevertheless", async () => {
      const { store, id } = await withStore();
      await store.append(id, user("a"));
      const draft = store.draft(id, "msg_1", { send });
      await draft.write("x".repeat(1_200_000));
      await until(() => draft.write("").then(() => false, (error) => isProblem(error, "too-large")));
      assert.equal((await draft.commit(assistant("short"))).last_seq, 2);
      const missing = store.draft(`${id}-new`, "msg_1", { send, create: false });
      await missing.write("a");
      await until(() => missing.write("").then(() => false, (error) => isProblem(error, "session-not-found")));
      await assert.rejects(missing.commit(assistant("a")), (error) => isProblem(error, "session-not-found"));
      await missing.discard().catch((error: unknown) => assert.ok(error instanceof TypeError));
    });

    test("does not make a session anew that was deleted meanwhile", async () => {
      const { store, id } = await withStore();
      const draft = store.draft(id, "msg_1", { send });
      await draft.write("a");
      await until(async () => await textOf(store, id, "msg_1").catch(() => "") === "a");
      await store.deleteSession(id, { soft: false });
      await assert.rejects(draft.commit(assistant("a")), (error) => isProblem(error, "session-not-found"));
      await assert.rejects(store.getSession(id), (error) => isProblem(error, "session-not-found"));
    });

    test("a signal ends the writing, and the draft stays open", async () => {
      const { store, id } = await withStore();
      const controller = new AbortController();
      const draft = store.draft(id, "msg_1", { send, signal: controller.signal });
      await draft.write("so far");
      await until(async () => await textOf(store, id, "msg_1").catch(() => "") === "so far");
      const reason = new Error("enough");
      controller.abort(reason);
      await assert.rejects(draft.write("!"), reason);
      await assert.rejects(draft.commit(assistant("a")), reason);
      const [open] = await store.getDrafts(id);
      assert.equal(open!.text, "so far");
      const resumed = store.draft(id, "msg_1", { text: open!.text, send });
      await resumed.write(" so good");
      assert.equal((await resumed.commit(assistant("so far so good"))).last_seq, 1);
    });

    test("halves of characters wait for their other halves", async () => {
      const { store, id } = await withStore();
      const draft = store.draft(id, "msg_1", { send });
      for (const half of "a🚑\ud83d b🚑") {
        for (const unit of half.split("")) {
          await draft.write(unit);
        }
      }
      await until(async () => await textOf(store, id, "msg_1").catch(() => "") === "a🚑\ufffd b🚑");
      assert.equal(draft.text, "a🚑\ufffd b🚑");
      await draft.discard();
    });
  });
}

describe("drafts", () => {
  test("a draft begins anew when the store has lost it", async () => {
    const { store, id } = await withStore();
    await store.append(id, user("a"));
    const draft = store.draft(id, "msg_1", { send: "pieces" });
    await draft.write("all of ");
    await until(async () => await textOf(store, id, "msg_1") === "all of ");
    await store.draft(id, "msg_1", { text: "all of " }).discard();
    await draft.write("it");
    await until(async () => await textOf(store, id, "msg_1") === "all of it");
    await draft.discard();
  });

  test("pieces that come while one is under way go in one request, and each lost answer is made up for", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    await store.append(id, user("a"));
    withoutPauses(t);
    proxy.requests.length = 0;
    const draft = store.draft(id, "msg_1", { send: "pieces" });
    proxy.plan = ["lose-answer", "busy", "lose-request"];
    for (let i = 0; i < 100; i++) {
      await draft.write(`${i} `);
    }
    await until(async () => await textOf(store, id, "msg_1") === draft.text);
    assert.ok(proxy.requests.filter(({ method }) => method === "POST").length < 15);
    proxy.plan = ["lose-answer", "lose-answer"];
    assert.equal((await draft.commit(assistant(draft.text))).last_seq, 2);
    assert.equal((await store.getStats(id)).message_count, 2);
  });

  test("a store that stays away is told by the next word, and the end is tried once more", async (t) => {
    const { store, id, proxy } = await withProxy(t, { timeout: 400 });
    proxy.plan = Array.from({ length: 4 }, () => "lose-request" as const);
    const draft = store.draft(id, "msg_1", { send: "pieces" });
    await draft.write("a");
    await until(() => draft.write("").then(() => false, (error) => error instanceof StoreUnavailable));
    proxy.plan = [];
    assert.equal((await draft.commit(assistant("a"))).last_seq, 1);
  });

  test("a connection that has become silent does not keep a message from the log", async (t) => {
    const { store, id, wire } = await withWire(t, { timeout: 500 });
    const draft = store.draft(id);
    await draft.write("a");
    await until(() => wire.said.includes('"text":"a"'));
    wire.stall();
    await draft.write("b");
    assert.equal((await draft.commit(assistant("ab"))).last_seq, 1);
    assert.ok(wire.connections > 1);
  });

  test("a store that takes connections and answers nothing does not keep the end waiting", async () => {
    const fetch: typeof globalThis.fetch = (url, init) => String(url).includes("/drafts/")
      ? new Promise((_, reject) => init!.signal!.addEventListener("abort", () => reject(init!.signal!.reason)))
      : globalThis.fetch(url, init);
    await Promise.all((["stream", "pieces"] as const).map(async (send) => {
      const { store, id } = await withStore({ fetch, timeout: 2500 }); // longer than what counts as under way
      const draft = store.draft(id, undefined, { send });
      await draft.write("a");
      const end = draft.commit(assistant("a"));
      const late = pause(5000).then(() => assert.fail("it is still tried"));
      assert.equal((await Promise.race([end, late])).last_seq, 1);
    }));
  });

  test("a store that takes no more drafts keeps no message from the log", async () => {
    const timeout = 1000;
    let tries = 0;
    const fetch: typeof globalThis.fetch = async (url, init) => {
      if (!String(url).includes("/drafts/")) {
        return globalThis.fetch(url, init);
      }
      const [status, name] = tries++ === 0 ? [503, "busy"] : [409, "draft-offset"];
      await pause(status === 409 ? timeout : 0); // the last that it hears is where to go on
      return new Response(JSON.stringify({ type: `/problems/${name}`, detail: "d", offset: 0 }), { status });
    };
    const { store, id } = await withStore({ fetch, timeout });
    await store.append(id, user("a"), { timeout: 10_000 });
    const draft = store.draft(id, undefined, { send: "pieces" });
    await draft.write("b");
    assert.equal((await draft.commit(assistant("b"))).last_seq, 2);
  });

  test("what is written to a draft that is not held is kept, and its message waits for nothing", async () => {
    for (const [status, name, most] of [[429, "too-many-drafts", 2], [503, "busy", 3]] as const) {
      let tries = 0;
      const fetch: typeof globalThis.fetch = async (url, init) => {
        if (!String(url).includes("/drafts/")) {
          return globalThis.fetch(url, init);
        }
        tries++;
        return new Response(JSON.stringify({ type: `/problems/${name}` }), { status, headers: { "Retry-After": "60" } });
      };
      const { store, id } = await withStore({ fetch, timeout: 1000 });
      await store.append(id, user("a"), { timeout: 10_000 });
      const draft = store.draft(id, undefined, { send: "pieces" });
      await draft.write("b");
      await until(() => tries === 2);
      await pause(50);
      await draft.write("c");
      const begun = Date.now();
      assert.equal((await draft.commit(assistant("bc"))).last_seq, 2);
      assert.ok(Date.now() - begun < 900);
      assert.ok(tries <= most, `${tries} tries`);
      const discarded = store.draft(id, undefined, { send: "pieces" });
      await discarded.write("d");
      if (status === 429) {
        await discarded.discard();
      } else { // it may be there
        await assert.rejects(discarded.discard(), (error) => isProblem(error, "busy"));
      }
    }
  });

  test("a draft that is held is discarded, however often the store is busy", async () => {
    let busy = 3;
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const refused = String(init?.body).includes('"discard"') && busy-- > 0;
      return refused ? new Response('{"type":"/problems/busy"}', { status: 503 }) : globalThis.fetch(url, init);
    };
    const { store, id } = await withStore({ fetch });
    await store.append(id, user("a"));
    const draft = store.draft(id, undefined, { send: "pieces" });
    await draft.write("b");
    await until(async () => (await store.getDrafts(id)).length === 1);
    await draft.discard();
    assert.deepEqual(await store.getDrafts(id), []);
  });

  test("a draft that is not held and that nobody writes to asks no more, until somebody does", async (t) => {
    let tries = 0;
    const fetch: typeof globalThis.fetch = async (url, init) => {
      if (!String(url).includes("/drafts/")) {
        return globalThis.fetch(url, init);
      }
      tries++;
      return new Response('{"type":"/problems/too-many-drafts"}', { status: 429 });
    };
    const { store, id } = await withStore({ fetch, timeout: 1000 });
    const { signal } = new AbortController();
    const draft = store.draft(id, undefined, { send: "pieces", signal });
    await draft.write("a");
    await until(() => tries === 1);
    const now = Date.now;
    t.mock.method(Date, "now", () => now() + 61_000);
    await pause(500); // longer than the pauses of the first tries
    const tried = tries;
    assert.ok(tried <= 2, `${tried} tries`);
    await draft.write("b");
    await until(() => tries > tried);
    assert.equal((await draft.commit(assistant("ab"))).last_seq, 1);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  test("a message that may be there is said to be", async () => {
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const status = String(url).includes("/messages") ? 403 : String(init?.body).includes('"message"') ? 500 : 0;
      return status === 0 ? globalThis.fetch(url, init) : new Response("{}", { status });
    };
    const { store, id } = await withStore({ fetch });
    const draft = store.draft(id, undefined, { send: "pieces" });
    await draft.write("a");
    await assert.rejects(draft.commit(assistant("a")), (error) =>
      error instanceof StoreError && error.status === 403 && error.outcomeUnknown);
  });

  test("a message that may be there is said to be, also when the next try tells nothing", async () => {
    let tries = 0;
    const fetch: typeof globalThis.fetch = async (url, init) => {
      if (String(url).includes("/messages")) {
        return new Response("{}", { status: 403 });
      }
      const name = !String(init?.body).includes('"message"') ? "" : tries++ === 0 ? "outcome-unknown" : "busy";
      return name === "" ? globalThis.fetch(url, init) : new Response(`{"type":"/problems/${name}"}`, { status: 503 });
    };
    const { store, id } = await withStore({ fetch });
    const draft = store.draft(id, undefined, { send: "pieces" });
    await draft.write("a");
    await assert.rejects(draft.commit(assistant("a")), (error) =>
      error instanceof StoreError && error.status === 403 && error.outcomeUnknown);
    assert.equal(tries, 2);
  });

  test("a message that was not sent with its draft is not said to be there", async () => {
    let tries = 0;
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const status = String(url).includes("/messages") ? 403 : String(init?.body).includes('"message"') ? 429 : (tries++, 500);
      return new Response("{}", { status });
    };
    const { store, id } = await withStore({ fetch });
    const draft = store.draft(id, undefined, { send: "pieces" });
    await draft.write("a");
    await until(() => tries > 0);
    await assert.rejects(draft.commit(assistant("a")), (error) =>
      error instanceof StoreError && error.status === 403 && !error.outcomeUnknown);
  });

  test("a draft that ends between two tries leaves no timer", async (t) => {
    let tries = 0;
    const fetch: typeof globalThis.fetch = (...request) => {
      tries++;
      return tries === 1 ? Promise.reject(new TypeError("lost")) : globalThis.fetch(...request);
    };
    const { store, id } = await withStore({ fetch, timeout: 7654 });
    const timers = timersOf(t, 7654);
    const draft = store.draft(id, undefined, { send: "stream" });
    await draft.write("a");
    await until(() => tries === 1);
    await draft.commit(assistant("a"));
    assert.equal(tries, 2);
    assert.equal(timers.size, 0);
  });

  test("in Node a draft is one request, with another fetch it is pieces", async (t) => {
    const { store, id, wire } = await withWire(t);
    const posts = () => wire.said.match(/POST \/v1\/sessions\/[^/]+\/drafts/g)?.length;
    const draft = store.draft(id);
    for (const word of ["one ", "two ", "three "]) {
      await draft.write(word);
      await until(() => wire.said.includes(`"text":"${word}"`));
    }
    await draft.commit(assistant("one two three"));
    assert.equal(posts(), 1);
    wire.said = "";
    const piecewise = new SessionStore({ url: wire.url, fetch: (...given) => fetch(...given) }).draft(id);
    await piecewise.write("one ");
    await until(() => wire.said.includes("one "));
    await piecewise.commit(assistant("one"));
    assert.equal(posts(), 2);
  });

  test("texts are kept by code points, and cut where a writer goes on", () => {
    const texts = new DraftTexts();
    const say = (message_id: string, offset: number, text: string) =>
      texts.apply({ event: "draft", id: "1", data: { message_id, offset, text } });
    assert.ok(say("a", 0, "🚑x🚑"));
    assert.ok(say("a", 3, "yz"));
    assert.equal(texts.get("a"), "🚑x🚑yz");
    assert.ok(say("a", 1, "é"));
    assert.equal(texts.get("a"), "🚑é");
    assert.ok(say("b", 0, ""));
    assert.deepEqual(texts.entries(), [["a", "🚑é"], ["b", ""]]);
    assert.ok(!texts.apply({ event: "message", id: "1", data: { id: "c", seq: 1, timestamp: "" } }));
    assert.ok(texts.apply({ event: "draft_discarded", id: "1", data: { message_id: "b" } }));
    assert.equal(texts.get("b"), undefined);
    assert.ok(texts.apply({ event: "ready", id: "1", data: { session_id: "s", last_seq: 1, switch_count: 0, ranges: [], view_no: 0 } } satisfies TailEvent));
    assert.deepEqual(texts.entries(), []);
    const told = (session_id: string): SessionsTailEvent =>
      ({ event: "draft", id: "1", data: { session_id, message_id: "m", offset: 0, text: session_id } });
    texts.apply(told("s1"));
    texts.apply(told("s2"));
    assert.deepEqual([texts.get("m", "s1"), texts.get("m", "s2"), texts.get("m")], ["s1", "s2", undefined]);
    assert.ok(texts.apply({ event: "session_deleted", id: "1", data: { session_id: "s1" } } as SessionsTailEvent));
    assert.deepEqual(texts.entries("s1"), []);
  });
});
