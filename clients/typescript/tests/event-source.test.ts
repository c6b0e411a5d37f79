// Others' readers of server-sent events: the EventSource of the package `eventsource`, made after the HTML standard as those of
// browsers are. It reconnects and sends Last-Event-ID by itself; nothing of this client is in between.
import assert from "node:assert/strict";
import { after, describe, test, type TestContext } from "node:test";

import { EventSource, type ErrorEvent } from "eventsource";

import { SessionStore } from "../src/index.js";
import { Service } from "./service.js";
import { until, user, withStore, withWire } from "./store-test.js";

interface Told {
  event: string;
  id: string;
  data: { seq?: number; session_id?: string; text?: string; [field: string]: unknown };
}

const EVENTS = ["ready", "message", "agent_switch", "view", "draft", "draft_discarded", "history_replaced", "session_deleted", "bye"];

/** An EventSource that writes down what it was told, and what it asked for. */
function follow(t: TestContext, url: string) {
  const told: Told[] = [];
  const positions: (string | null)[] = [];
  const errors: ErrorEvent[] = [];
  const source = new EventSource(url, {
    fetch: (address, init) => {
      positions.push(new Headers(init.headers).get("Last-Event-ID"));
      return fetch(address, init);
    },
  });
  for (const name of EVENTS) {
    source.addEventListener(name, ({ type, lastEventId, data }) => told.push({ event: type, id: lastEventId, data: JSON.parse(data) }));
  }
  source.addEventListener("error", (error) => errors.push(error));
  t.after(() => source.close());
  const named = (event: string) => told.filter((each) => each.event === event);
  const seqs = () => named("message").map(({ data }) => data.seq);
  return { source, told, positions, errors, named, seqs };
}

describe("an EventSource", { concurrency: 8 }, () => {
  const service = new Service();
  const started = service.start(); // while other tests run
  started.catch(() => undefined); // the test that needs it says why it is not there
  after(() => service.remove());

  test("gets each message once and in order while connections are cut, by Last-Event-ID", async (t) => {
    const { id, wire } = await withWire(t);
    const { store } = await withStore();
    await store.append(id, user("1"));
    const { positions, named, seqs, errors } = follow(t, `${wire.url}/v1/sessions/${id}/tail?after=0`);
    for (let round = 0; round < 3; round++) {
      await until(() => named("ready").length === round + 1);
      const last = 1 + (round + 1) * 20;
      const writing = store.append(id, Array.from({ length: 20 }, () => user("x".repeat(5000)))).then(() => store.append(id, user("y")));
      await until(() => wire.answered > 0 && seqs().length > round * 21);
      wire.cut();
      await writing;
      await until(() => seqs().length === last + round + 1, `it has ${seqs().length} messages of ${last + round + 1}`);
    }
    assert.deepEqual(seqs(), Array.from({ length: 64 }, (_, i) => i + 1));
    assert.equal(positions[0], null);
    assert.ok(positions.length >= 3 && positions.slice(1).every((position) => /^\d+-0-\w+/.test(position!)), positions.join());
    assert.equal(errors.length, positions.length - 1, "each lost connection is an error that heals");
  });

  test("goes on after a goodbye with the same store, started again", async (t) => {
    await started;
    const store = new SessionStore({ url: service.url });
    await store.append("s", [user("1"), user("2")]);
    const { source, positions, named, seqs } = follow(t, `${service.url}/v1/sessions/s/tail?after=1`);
    await until(() => seqs().length === 1);
    const own = store.tail("s", { after: 0 });
    const ours: number[] = [];
    const reading = (async () => {
      for await (const { event, data } of own) {
        if (event === "message") {
          ours.push(data.seq);
        }
      }
    })();
    await until(() => ours.length === 2);
    await service.stop();
    await until(() => named("bye").length === 1, "no goodbye was said");
    await until(() => source.readyState === EventSource.CONNECTING);
    await service.start();
    await store.append("s", user("3"));
    // while the service starts, the pauses between their tries grow
    await until(() => seqs().length === 2 && ours.length === 3, "they have not come back", 60_000);
    assert.deepEqual([seqs(), ours], [[2, 3], [1, 2, 3]]);
    assert.equal(positions.at(-1), named("message")[0]!.id, "a goodbye is no position");
    assert.equal(named("bye").length, 1);
    await own.return();
    await reading;
  });

  test("stays closed when the session is gone, and does not ask for ever", async (t) => {
    const { store, id, url } = await withStore();
    await store.append(id, user("1"));
    const { source, named, errors, positions } = follow(t, `${url}/v1/sessions/${id}/tail?after=0`);
    await until(() => named("message").length === 1);
    await store.deleteSession(id);
    await until(() => source.readyState === EventSource.CLOSED);
    assert.equal(named("session_deleted").length, 1);
    assert.equal(errors.at(-1)!.code, 410);
    assert.equal(positions.length, 2);
  });

  test("is refused where there is no session, and waits for one with wait=true", async (t) => {
    const { store, id, url } = await withStore();
    const refused = follow(t, `${url}/v1/sessions/${id}/tail`);
    const waiting = follow(t, `${url}/v1/sessions/${id}/tail?wait=true`);
    await until(() => refused.source.readyState === EventSource.CLOSED && waiting.named("ready").length === 1);
    assert.equal(refused.errors[0]!.code, 404);
    await store.append(id, user("1"));
    await until(() => waiting.seqs().length === 1);
    assert.deepEqual([refused.told, waiting.errors], [[], []]);
  });

  test("follows several sessions, all of whose positions are one Last-Event-ID", async (t) => {
    const { id, wire } = await withWire(t);
    const { store } = await withStore();
    const [one, other] = [`${id}-1`, `${id}-2`];
    await store.append(one, user("1"));
    const { named, positions } = follow(t, `${wire.url}/v1/tail?session_id=${one}&session_id=${other}`);
    await until(() => named("ready").length === 1);
    await store.append(other, user("1"));
    await until(() => named("message").length === 1);
    wire.cut();
    await store.append(one, user("2"));
    await store.append(other, user("2"));
    await until(() => named("message").length === 3);
    assert.deepEqual(named("message").map(({ data }) => `${data.session_id} ${data.seq}`).sort(), [`${one} 2`, `${other} 1`, `${other} 2`]);
    assert.equal(positions[1], named("message")[0]!.id);
  });

  test("is told of drafts and views, and a draft is no position", async (t) => {
    const { id, wire } = await withWire(t);
    const { store } = await withStore();
    await store.append(id, [user("1"), user("2")]);
    const { told, named, positions } = follow(t, `${wire.url}/v1/sessions/${id}/tail?drafts=true`);
    await until(() => named("ready").length === 1);
    const draft = store.draft(id);
    await draft.write("Ein Entwurf 🚑");
    await until(() => named("draft").map(({ data }) => data.text).join("") === "Ein Entwurf 🚑");
    wire.cut();
    await until(() => named("ready").length === 2);
    assert.equal(positions[1], named("ready")[0]!.id);
    await until(() => named("draft").at(-1)!.data.text === "Ein Entwurf 🚑");
    await draft.commit({ role: "assistant", content: draft.text });
    await store.rewind(id, 1);
    await until(() => named("view").length === 1);
    assert.equal(named("message")[0]!.data["content"], "Ein Entwurf 🚑");
    assert.deepEqual(told.at(-1)!.data["ranges"], [[1, 1], [4]]);
  });

  test("is refused with a position that the store does not have", async (t) => {
    const { store, id, url } = await withStore();
    await store.append(id, user("1"));
    const { source, errors } = follow(t, `${url}/v1/sessions/${id}/tail?after=7`);
    await until(() => source.readyState === EventSource.CLOSED);
    assert.equal(errors[0]!.code, 400);
  });
});
