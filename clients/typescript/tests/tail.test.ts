import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";

import { isProblem, SessionStore, StoreUnavailable, type TailEvent, type TailOptions } from "../src/index.js";
import { event, EventStreams, OPEN, problem, stream, whole } from "./event-streams.js";
import { all, take, until, user, withStore, withWire } from "./store-test.js";
import { withoutPauses, withPauses, withSilenceOf } from "./timers.js";

const READY = event("ready", "0-0-1", { session_id: "s", last_seq: 1, switch_count: 0 });
const MESSAGES = [0, 1, 2, 3, 4].map((seq) => event("message", `${seq}-0-1`, { seq, role: "user", content: String(seq) }));
const DELETED = event("session_deleted", "9-0-1", {});
const PATH = "/v1/sessions/s/tail";

/** What stands for an event: the number of a message, the name of all else. */
const nameOf = ({ event: name, data }: TailEvent) => (name === "message" ? data.seq : name);

describe("the tail of a stream that is made up", () => {
  async function follow(t: TestContext, answers: string[], options: TailOptions = {}) {
    const pauses = withoutPauses(t);
    const streams = await EventStreams.of(t, answers);
    return { streams, pauses, tail: new SessionStore({ url: streams.url, timeout: 10_000 }).tail("s", options) };
  }

  test("events come as they are until the session is deleted", async (t) => {
    const switched = event("agent_switch", "1-1-1", { switch_no: 1, to_agent: "coder" });
    const view = event("view", "1-1-1-1", { ranges: [[2]], at_seq: 1, view_no: 1 });
    const { tail, streams } = await follow(t, [stream(READY, MESSAGES[1] + switched, view, DELETED)]);
    const events = await all(tail);
    assert.deepEqual(events.map(nameOf), ["ready", 1, "agent_switch", "view", "session_deleted"]);
    assert.deepEqual(events.map(({ id }) => id), ["0-0-1", "1-0-1", "1-1-1", "1-1-1-1", "9-0-1"]);
    assert.deepEqual(events[1], { event: "message", id: "1-0-1", data: { seq: 1, role: "user", content: "1" } });
    assert.deepEqual(streams.requests, [[PATH, undefined]]);
  });

  test("a lost connection goes on after the last whole event", async (t) => {
    const half = MESSAGES[2]!.slice(0, -1);
    const answers = [stream(READY, MESSAGES[1]!, half), whole(READY, MESSAGES[2]!, half), "", stream(READY, MESSAGES[3]!, DELETED)];
    const { tail, streams } = await follow(t, answers, { after: 0 });
    assert.deepEqual((await all(tail)).map(nameOf), ["ready", 1, "ready", 2, "ready", 3, "session_deleted"]);
    assert.deepEqual(streams.requests, [undefined, "1-0-1", "2-0-1", "2-0-1"].map((id) => [`${PATH}?after=0`, id]));
  });

  test("until there is a position it begins again where it was told", async (t) => {
    const { tail, streams } = await follow(t, [stream(": hi\n\n"), stream(READY, DELETED)], { after: 7, wait: true, drafts: true });
    assert.deepEqual((await all(tail)).map(nameOf), ["ready", "session_deleted"]);
    assert.deepEqual(streams.requests, [[`${PATH}?after=7&wait=true&drafts=true`, undefined], [`${PATH}?after=7&wait=true&drafts=true`, undefined]]);
  });

  test("a position of an earlier program is gone on from", async (t) => {
    const { tail, streams } = await follow(t, [stream(MESSAGES[4]!, DELETED)], { lastEventId: "3-0-1" });
    assert.equal(tail.lastEventId, "3-0-1");
    assert.deepEqual((await all(tail)).map(nameOf), [4, "session_deleted"]);
    assert.deepEqual([streams.requests, tail.lastEventId], [[[PATH, "3-0-1"]], "9-0-1"]);
  });

  test("a goodbye is followed by the pause it asks for", async (t) => {
    const { tail, pauses, streams } = await follow(t, [
      stream("retry: 4000\n\n", READY, "event: bye\nretry: 250\ndata: {}\n\n") + OPEN, stream(MESSAGES[1]!, DELETED),
    ]);
    assert.deepEqual((await all(tail)).map(nameOf), ["ready", 1, "session_deleted"]);
    assert.equal(pauses.length, 1);
    assert.ok(pauses[0]! >= 250 && pauses[0]! <= 312.5, String(pauses));
    assert.deepEqual(streams.requests, [[PATH, undefined], [PATH, "0-0-1"]], "a goodbye is no position");
  });

  test("what a newer store tells besides is passed over", async (t) => {
    const { tail } = await follow(t, [stream(event("news", "5-0-1", {}), DELETED)]);
    assert.deepEqual((await all(tail)).map(nameOf), ["session_deleted"]);
  });

  test("errors that will not heal end it", async (t) => {
    for (const [status, name] of [
      [404, "session-not-found"], [410, "session-deleted"], [400, "position-ahead"], [401, "unauthorized"], [403, "forbidden"],
    ] as const) {
      await assert.rejects(all((await follow(t, [problem(status, name)])).tail), (error) => isProblem(error, name));
    }
    const { tail } = await follow(t, [stream(READY), problem(401, "unauthorized")]);
    assert.equal((await tail.next()).value.event, "ready");
    await assert.rejects(tail.next(), (error) => isProblem(error, "unauthorized"));
    assert.deepEqual(await tail.next(), { done: true, value: undefined });
  });

  test("a session that went away meanwhile is deleted", async (t) => {
    for (const answer of [problem(410, "session-deleted"), problem(404, "session-not-found")]) {
      assert.deepEqual((await all((await follow(t, [stream(READY), answer])).tail)).map(nameOf), ["ready", "session_deleted"]);
    }
  });

  test("busy is tried again with growing pauses", async (t) => {
    const busy = Array.from({ length: 7 }, () => problem(503, "busy", 3));
    const { tail, pauses } = await follow(t, [...busy, stream(DELETED)]);
    assert.deepEqual((await all(tail)).map(nameOf), ["session_deleted"]);
    for (const [i, base] of [2, 4, 8, 16, 30, 30, 30].entries()) {
      assert.ok(pauses[i]! >= 1000 * (3 + base) && pauses[i]! <= 1000 * (3 + base * 1.25), `${pauses}`);
    }
  });

  test("a fault of the store, or of what is in between, is no end", async (t) => {
    const { tail } = await follow(t, [problem(500, "internal-error"), problem(502, "x"), problem(429, "too-many-streams", 1), stream(DELETED)]);
    assert.deepEqual((await all(tail)).map(nameOf), ["session_deleted"]);
  });

  test("streams that end before they begin are tried again with growing pauses, and given up", async (t) => {
    const { tail, pauses } = await follow(t, [whole(), stream(": hi\n\n"), "", stream(DELETED)]);
    assert.deepEqual((await all(tail)).map(nameOf), ["session_deleted"]);
    assert.ok(pauses[0]! >= 2000 && pauses[1]! >= 4000 && pauses[2]! >= 8000, String(pauses));
    await assert.rejects((await follow(t, [whole()], { giveUpAfter: -1 })).tail.next(), StoreUnavailable);
  });

  test("it gives up in the end", async (t) => {
    const { tail } = await follow(t, [stream(READY), problem(503, "busy"), problem(503, "busy")], { giveUpAfter: -1 });
    assert.equal((await tail.next()).value.event, "ready");
    await assert.rejects(tail.next(), StoreUnavailable);
  });

  test("a silence that is too long is a lost connection", async (t) => {
    withSilenceOf(t, 30);
    const streams = await EventStreams.of(t, [stream("retry: 100\n\n", READY) + OPEN, stream(MESSAGES[1]!, DELETED)]);
    const tail = new SessionStore({ url: streams.url, timeout: 10_000 }).tail("s");
    assert.deepEqual((await all(tail)).map(nameOf), ["ready", 1, "session_deleted"]);
    assert.equal(streams.requests[1]![1], "0-0-1");
  });

  test("who leaves the loop, or returns while it waits, closes the connection", async (t) => {
    const { tail, streams } = await follow(t, [stream(READY) + OPEN]);
    for await (const _ of tail) {
      break;
    }
    await until(() => streams.left === 1);
    const other = await follow(t, [stream(READY) + OPEN]);
    await other.tail.next();
    const waiting = other.tail.next();
    await other.tail.return();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    await until(() => other.streams.left === 1);
  });

  test("a signal ends it, before, while it connects, waits and pauses", async (t) => {
    const reason = new Error("enough");
    await assert.rejects((await follow(t, [], { signal: AbortSignal.abort(reason) })).tail.next(), reason);
    for (const answers of [[OPEN], [stream(READY) + OPEN]]) {
      const controller = new AbortController();
      const { tail, streams } = await follow(t, answers, { signal: controller.signal });
      const done = all(tail);
      await until(() => streams.requests.length === 1);
      setTimeout(() => controller.abort(reason), 10);
      await assert.rejects(done, reason);
      await until(() => streams.left === 1);
    }
    withPauses();
    const streams = await EventStreams.of(t, [problem(503, "busy", 30)]);
    const controller = new AbortController();
    const done = all(new SessionStore({ url: streams.url }).tail("s", { signal: controller.signal }));
    await until(() => streams.left === 1);
    controller.abort(reason);
    await assert.rejects(done, reason);
  });

  test("several sessions: it ends with the last of them, and begins at no number", async (t) => {
    withoutPauses(t);
    const ready = event("ready", "p0", { sessions: [{ session_id: "a", last_seq: 1 }, { session_id: "b", last_seq: 1 }, { session_id: "c", last_seq: 0, switch_count: 1 }, { session_id: "d", last_seq: 0 }] });
    const gone = (id: string, position: string) => event("session_deleted", position, { session_id: id });
    const streams = await EventStreams.of(t, [stream(ready, gone("a", "p1")), problem(410, "session-deleted")]);
    const store = new SessionStore({ url: streams.url });
    const events = await all(store.tail(["a", "b", "c", "d"]));
    assert.deepEqual(events.map(({ event: name, data }) => [name, "session_id" in data ? data.session_id : ""]),
      [["ready", ""], ["session_deleted", "a"], ["session_deleted", "b"], ["session_deleted", "c"]]);
    const path = "/v1/tail?session_id=a&session_id=b&session_id=c&session_id=d";
    assert.deepEqual(streams.requests, [[path, undefined], [path, "p1"]]);
    assert.throws(() => store.tail(["a"], { after: 1 } as object), TypeError);
  });
});

describe("the tail of a session", () => {
  test("what is written is followed, and gone on with from a position", async () => {
    const { store, id } = await withStore();
    await store.append(id, [user("a"), user("b")]);
    const tail = store.tail(id, { after: 1 });
    const [ready, second] = await take(tail, 2);
    assert.ok(ready!.event === "ready" && ready!.data.last_seq === 2);
    assert.ok(second!.event === "message" && second!.data.content === "b");
    await store.append(id, user("c"));
    const [third] = await take(tail, 1);
    assert.ok(third!.event === "message" && third!.data.content === "c" && third!.id === tail.lastEventId);
    await tail.return();
    await store.appendTurn(id, { messages: [user("d")], agent_switch: { to_agent: "coder" } });
    await store.rewind(id, 1);
    const resumed = store.tail(id, { lastEventId: third!.id! });
    assert.deepEqual((await take(resumed, 4)).map(nameOf), ["ready", 4, "view", "agent_switch"]);
    await store.deleteSession(id);
    assert.deepEqual((await all(resumed)).map(nameOf), ["session_deleted"]);
  });

  test("a session that is not there is an error, or waited for", async () => {
    const { store, id } = await withStore();
    await assert.rejects(store.tail(id).next(), (error) => isProblem(error, "session-not-found"));
    const tail = store.tail(id, { wait: true });
    await tail.next();
    await store.append(id, user("a"));
    assert.deepEqual((await take(tail, 1)).map(nameOf), [1]);
    await tail.return();
  });

  test("several sessions come in one stream", async () => {
    const { store, id } = await withStore();
    const [one, other] = [`${id}-1`, `${id}-2`];
    await store.append(one, user("a"));
    const tail = store.tail([one, other]);
    await tail.next();
    await store.append(other, user("b"));
    await store.append(one, user("c"));
    const found = await take(tail, 2);
    assert.deepEqual(found.map(({ event: name, data }) => name === "message" && [data.session_id, data.content]).sort(), [[one, "c"], [other, "b"]].sort());
    await store.deleteSession(one);
    await store.deleteSession(other);
    assert.deepEqual((await all(tail)).map(({ event: name }) => name), ["session_deleted", "session_deleted"]);
  });

  test("each message comes once and in order while connections are cut", async (t) => {
    const { store, id, wire } = await withWire(t);
    const writer = (await withStore()).store;
    await writer.append(id, user("0"));
    withoutPauses(t);
    const seen: number[] = [];
    const following = (async () => {
      for await (const told of store.tail(id, { after: 0 })) {
        if (told.event === "message") {
          seen.push(told.data.seq);
          if (told.data.seq % 20 === 0) {
            wire.cut();
          }
        }
      }
    })();
    for (let i = 1; i < 200; i++) {
      await writer.append(id, user(String(i)));
      if (i % 45 === 0) {
        wire.cut();
      }
    }
    await writer.deleteSession(id).then(() => until(() => seen.at(-1) === 200));
    await following;
    assert.deepEqual(seen, Array.from({ length: 200 }, (_, i) => i + 1));
    assert.ok(wire.connections > 5, `${wire.connections} connections`);
  });

  test("a reader who does not read holds nothing up, and gets all of it", async (t) => {
    const { id, wire, store } = await withWire(t);
    const writer = (await withStore()).store;
    const large = "x".repeat(200_000);
    await writer.append(id, user("first"));
    const tail = store.tail(id, { after: 0 });
    await take(tail, 2);
    for (let i = 0; i < 10; i++) {
      await writer.append(id, Array.from({ length: 10 }, () => user(large)));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(wire.answered < 15_000_000, `${wire.answered} of 20,000,000 bytes were read ahead`);
    const rest = await take(tail, 100);
    assert.deepEqual(rest.map(nameOf), Array.from({ length: 100 }, (_, i) => i + 2));
    await tail.return();
  });
});
