import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { isProblem, type NewMessage, type Role } from "../src/index.js";
import { all, assistant, take, until, user, withProxy, withStore } from "./store-test.js";

const contents = (messages: { content?: unknown }[]) => messages.map(({ content }) => content);
const many = (count: number) => Array.from({ length: count }, (_, i) => user(String(i + 1)));

describe("messages", { concurrency: 4 }, () => {
  test("what a model said comes back as it was", async () => {
    const { store, id } = await withStore();
    const said: NewMessage[] = [
      { id: "msg_1", role: "user", content: [{ type: "text", text: "How warm is it? 🌡" }], metadata: { n: 1.5 } },
      {
        id: "msg_2", role: "assistant", content: null, refusal: null, reasoning_content: "Ask the tool.", token_count: 7,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } }],
      },
      { id: "msg_3", role: "tool", tool_call_id: "call_1", content: "" },
      { type: "reasoning", summary: [], encrypted_content: "x" },
    ];
    const { first_seq, last_seq, timestamp } = await store.append(id, said);
    assert.deepEqual([first_seq, last_seq], [1, 4]);
    const stored = await all(store.messages(id));
    for (const [i, { ...sent }] of said.entries()) {
      if (sent.content === null) {
        delete sent.content; // what has no content says nothing of it
      }
      assert.deepEqual(stored[i], { ...sent, seq: i + 1, timestamp });
    }
    const history = (await store.getHistory(id)).messages;
    assert.equal(history[1]!.content, null);
    assert.equal(history[1]!.metadata, undefined);
    assert.equal((await store.getHistory(id, { full: true })).messages[1]!["token_count"], 7);
  });

  test("an append can be held to the last message, and to a session that is there", async () => {
    const { store, id } = await withStore();
    await assert.rejects(store.append(id, user("a"), { create: false }), (error) => isProblem(error, "session-not-found"));
    await store.append(id, user("a"), { ifLastSeq: 0 });
    await store.append(id, user("b"), { ifLastSeq: 1 });
    await assert.rejects(store.append(id, user("c"), { ifLastSeq: 1 }), (error) =>
      isProblem(error, "sequence-conflict") && error.problem.last_seq === 2);
    await assert.rejects(store.append(id, { ...user("d"), id: "m" }).then(() => store.append(id, { ...user("e"), id: "m" })), (error) =>
      isProblem(error, "message-exists") && error.problem.known![0]!.seq === 3);
  });

  test("a key of the program's own makes a repeated call give the first answer", async () => {
    const { store, id } = await withStore();
    const idempotencyKey = "Schlüssel 🔑";
    const first = await store.append(id, user("a"), { idempotencyKey });
    assert.deepEqual(await store.append(id, user("a"), { idempotencyKey }), first);
    await assert.rejects(store.append(id, user("b"), { idempotencyKey }), (error) => isProblem(error, "idempotency-key-reused"));
  });

  test("what no header can have is no key, and what JSON does not have is not sent", async () => {
    const { store, id } = await withStore();
    for (const idempotencyKey of ["", "two\r\nlines", "\0", "\x85", "\ud83d"]) {
      await assert.rejects(store.append(id, user("a"), { idempotencyKey }), TypeError);
    }
    const draft = store.draft(`${id}-draft`, "m");
    await draft.write("a");
    for (const score of [NaN, -Infinity]) {
      await assert.rejects(store.append(id, { ...user("a"), metadata: { score } }), TypeError);
      await assert.rejects(draft.commit({ ...assistant("a"), score }), TypeError);
    }
    await assert.rejects(store.getSession(id), (error) => isProblem(error, "session-not-found"));
  });

  test("messages are walked, listed from both ends, paged, and found", async () => {
    const { store, id } = await withStore();
    await store.append(id, many(7).map((message, i) => ({ ...message, id: `m${i + 1}`, role: (i % 2 ? "assistant" : "user") as Role })));
    assert.deepEqual(contents(await all(store.messages(id, { after: 4 }))), ["5", "6", "7"]);
    assert.deepEqual(contents(await all(store.messages(id, { role: "assistant" }))), ["2", "4", "6"]);
    assert.deepEqual(contents(await all(store.messages(id, { limit: 3 }))), ["1", "2", "3"]);
    const newest = await store.listMessages(id, { before: "end", limit: 2 });
    assert.deepEqual([contents(newest.data), newest.has_more], [["6", "7"], true]);
    assert.deepEqual(contents((await store.listMessages(id, { before: 6, limit: 2 })).data), ["4", "5"]);
    const page = await store.getMessagePage(id, { page: 3, pageSize: 3 });
    assert.deepEqual([contents(page.data), page.total, page.page], [["7"], 7, 3]);
    assert.equal((await store.getMessage(id, 5)).content, "5");
    await assert.rejects(store.getMessage(id, 8), (error) => isProblem(error, "message-not-found"));
    const ids = Array.from({ length: 150 }, (_, i) => `m${150 - i}`);
    assert.deepEqual(contents(await store.getMessagesById(id, ids)), ["1", "2", "3", "4", "5", "6", "7"]);
  });

  test("any number is appended, in parts that are written once", async (t) => {
    const { store, id, proxy } = await withProxy(t);
    proxy.plan = ["lose-answer", "busy"];
    async function* messages() {
      yield* many(2500);
    }
    assert.deepEqual(await store.appendAll(id, messages()), { appended: 2500, last_seq: 2500 });
    assert.deepEqual(contents(await all(store.messages(id))), contents(many(2500)));
    assert.deepEqual(await store.appendAll(id, []), { appended: 0 });
    const large = Array.from({ length: 10 }, () => user("x".repeat(900_000)));
    proxy.requests.length = 0;
    await store.appendAll(`${id}-large`, large);
    assert.equal(proxy.requests.length, 3);
  });

  test("a history is saved again and again, and only what is new is written", async () => {
    const { store, id } = await withStore();
    assert.deepEqual(await store.saveHistory(id, [user("a"), user("b")]), { session_id: id, last_seq: 2, appended: 2, replaced: false });
    const saved = await store.saveHistory(id, [user("b"), user("c")], { lastActivity: new Date(0) });
    assert.deepEqual([saved.appended, saved.ranges], [1, [[2]]]);
    const history = await store.getHistory(id);
    assert.deepEqual([contents(history.messages), history.last_activity], [["b", "c"], "1970-01-01T00:00:00.000000Z"]);
  });

  test("a view rewinds, hides and takes back, and tells who was faster", async () => {
    const { store, id } = await withStore();
    await store.append(id, many(5));
    const view = await store.getView(id);
    assert.deepEqual((await store.setView(id, [[2, 3], [6]], { ifView: view })).message_count, 2);
    await assert.rejects(store.setView(id, [], { ifView: view }), (error) => isProblem(error, "sequence-conflict"));
    assert.deepEqual(contents((await store.getHistory(id)).messages), ["2", "3"]);
    assert.deepEqual((await store.rewind(id, 2)).ranges, [[2, 2], [6]]);
    await assert.rejects(store.rewind(id, 3), RangeError);
    assert.deepEqual((await store.setView(id, [])).message_count, 5);
    await store.saveHistory(id, [user("another")]); // the log begins anew, at 7
    await store.append(id, user("and one"));
    assert.deepEqual((await store.rewind(id, 7)).ranges, [[7, 7], [9]]);
  });

  test("a summary stands in place of what it sums up", async () => {
    const { store, id } = await withStore();
    await store.append(id, [{ role: "system", content: "s" }, ...many(4)]);
    const view = await store.getView(id);
    const compacted = await store.compact(id, { summary: user("so far"), through_seq: 4 }, { ifView: view });
    assert.deepEqual(compacted, { seq: 6, ranges: [[1, 1], [6, 6], [5, 5], [7]], last_seq: 6 });
    assert.deepEqual(contents((await store.getHistory(id)).messages), ["s", "so far", "4"]);
  });

  test("what fits a model", async () => {
    const { store, id } = await withStore();
    await store.append(id, [{ role: "system", content: "s" }, ...many(10)]);
    assert.deepEqual(contents((await store.getContext(id, { maxMessages: 3 })).messages), ["s", "9", "10"]);
    assert.deepEqual(contents((await store.getContext(id, { maxMessages: 2, system: "drop" })).messages), ["9", "10"]);
    await assert.rejects(store.getContext(id, { maxTokens: 1 }), (error) =>
      isProblem(error, "context-too-small") && error.problem.needed! > 1);
    await assert.rejects(store.getContext(id, {}), (error) => isProblem(error, "invalid-request"));
  });

  test("messages are found by their words", async () => {
    const { store, id } = await withStore();
    const word = `w${id.replace(/\W/g, "")}`;
    await store.createSession({ session_id: id, owner: word, title: "The build", labels: { env: "prod" } });
    await store.append(id, Array.from({ length: 5 }, (_, i) => user(`😀 ${word} ${i}`)));
    let found = store.search(word, { owner: word, labels: { env: "prod" }, limit: 3 });
    await until(async () => (await all(found = store.search(word, { limit: 3 }))).length === 3);
    assert.match(found.indexedThrough!, /Z$/);
    const [newest] = await take(store.search(`${word} -3`, { sessionId: id, role: "user" }), 1);
    assert.deepEqual([newest!.seq, newest!.title, newest!.session_id], [5, "The build", id]);
    const [begin, end] = newest!.matches[0] as [number, number];
    assert.equal([...newest!.snippet].slice(begin, end).join(""), word);
    await assert.rejects(all(store.search("++")), (error) => isProblem(error, "invalid-request"));
  });
});

describe("turns and agents", () => {
  test("a turn is all or nothing, and its details are those that were not there", async () => {
    const { store, id } = await withStore();
    const turn = await store.appendTurn(id, {
      messages: [assistant("The tester takes over.")], agent_switch: { to_agent: "tester", reason: "run the tests" },
      agent_context: { metadata: { attempt: 2 } }, session: { owner: "ann" },
    }, { ifLastSeq: 0 });
    assert.deepEqual([turn.first_seq, turn.last_seq, turn.agent_switch!.to_agent], [1, 1, "tester"]);
    assert.deepEqual((await store.getAgentContext(id)).metadata, { attempt: 2 });
    assert.equal((await store.getSession(id)).owner, "ann");
    await assert.rejects(store.appendTurn(`${id}-new`, { messages: [user("a")] }, { create: false }), (error) =>
      isProblem(error, "session-not-found"));
  });

  test("agents hand over, and the first of two wins", async () => {
    const { store, id } = await withStore();
    await store.createSession({ session_id: id });
    await assert.rejects(store.getAgentContext(id), (error) => isProblem(error, "agent-context-not-found"));
    await store.switchAgent(id, { to_agent: "a" });
    await store.switchAgent(id, { to_agent: "b", from_agent: "a" });
    await assert.rejects(store.switchAgent(id, { to_agent: "c", from_agent: "a" }), (error) =>
      isProblem(error, "agent-conflict") && error.problem.current_agent === "b");
    assert.deepEqual((await all(store.agentSwitches(id))).map(({ to_agent }) => to_agent), ["b", "a"]);
    assert.deepEqual((await all(store.agentSwitches(id, { order: "asc", limit: 1 }))).map(({ to_agent }) => to_agent), ["a"]);
    const saved = await store.saveAgentContext(id, { current_agent: "d", agent_history: [{ to: "d" }], metadata: { x: 1 } });
    assert.deepEqual([saved.current_agent, saved.switch_count], ["d", 1]);
    assert.ok((await all(store.agentContexts())).some(({ session_id }) => session_id === id));
    await store.deleteAgentContext(id);
    await assert.rejects(store.deleteAgentContext(id), (error) => isProblem(error, "agent-context-not-found"));
  });
});
