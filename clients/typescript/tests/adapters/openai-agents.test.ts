import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Agent, type AgentInputItem, type Model, type ModelRequest, type ModelResponse, run, setTracingDisabled, tool, Usage } from "@openai/agents";
import { z } from "zod";

import { isProblem } from "../../src/index.js";
import { StoreSession } from "../../src/openai-agents.js";
import { all, assistant, user, withProxy, withStore } from "../store-test.js";
import { withoutPauses } from "../timers.js";

setTracingDisabled(true);

const asked = (text: string): AgentInputItem => ({ role: "user", content: text });
const answered = (text: string): AgentInputItem =>
  ({ type: "message", role: "assistant", status: "completed", id: "msg_1", content: [{ type: "output_text", text }] });

/** Answers what it is told to, and writes down what it was asked. */
class MadeUp implements Model {
  readonly requests: ModelRequest[] = [];

  constructor(private readonly answers: ModelResponse["output"][]) {}

  async getResponse(request: ModelRequest): Promise<ModelResponse> {
    this.requests.push(structuredClone({ ...request, signal: undefined }));
    return { usage: new Usage(), output: this.answers.shift()! };
  }

  // eslint-disable-next-line require-yield
  async *getStreamedResponse(): AsyncGenerator<never> {
    throw new Error("not asked for");
  }
}

describe("a session of the OpenAI Agents SDK", { concurrency: 4 }, () => {
  test("items come back as they were, all or the newest", async () => {
    const { store, id } = await withStore();
    const session = new StoreSession(store, id);
    assert.equal(await session.getSessionId(), id);
    assert.deepEqual(await session.getItems(), []);
    assert.deepEqual(await session.getItems(5), []);
    const items: AgentInputItem[] = [
      asked("How warm is it?"),
      { type: "reasoning", id: "rs_1", content: [], providerData: { encrypted: "x", none: null } },
      { type: "function_call", id: "fc_1", callId: "call_1", name: "weather", arguments: "{}", status: "completed" },
      { type: "function_call_result", callId: "call_1", name: "weather", status: "completed", output: { type: "text", text: "20°" } },
      answered("20°"),
      { role: "user", content: [{ type: "input_text", text: "and" }, { type: "input_image", image: "https://x.example/y.png" }] },
      answered("the same id again"),
    ];
    await session.addItems(items.slice(0, 2));
    await session.addItems([]);
    await session.addItems(items.slice(2));
    assert.deepEqual(await session.getItems(), items);
    assert.deepEqual(await session.getItems(3), items.slice(-3));
    assert.deepEqual(await session.getItems(100), items);
  });

  test("the newest item is taken back by the view, and the log keeps it", async () => {
    const { store, id } = await withStore();
    const session = new StoreSession(store, id);
    assert.equal(await session.popItem(), undefined);
    await session.clearSession();
    await session.addItems(["a", "b", "c"].map(asked));
    assert.deepEqual(await session.popItem(), asked("c"));
    await session.addItems([asked("d")]);
    assert.deepEqual(await session.getItems(2), [asked("b"), asked("d")]);
    assert.deepEqual([await session.popItem(), await session.popItem()], [asked("d"), asked("b")]);
    assert.deepEqual(await session.getItems(), [asked("a")]);
    assert.deepEqual(await session.popItem(), asked("a"));
    assert.deepEqual([await session.popItem(), await session.getItems(), await session.getItems(3)], [undefined, [], []]);
    await session.addItems([asked("e"), asked("f")]);
    await session.clearSession();
    assert.deepEqual(await session.getItems(), []);
    await session.addItems([asked("g")]);
    assert.deepEqual(await session.getItems(), [asked("g")]);
    assert.deepEqual((await all(store.messages(id))).map(({ content }) => content), ["a", "b", "c", "d", "e", "f", "g"]);
  });

  test("a session that was soft-deleted is read, and restored by what changes it", async () => {
    const { store, id } = await withStore();
    const session = new StoreSession(store, id);
    await session.addItems(["a", "b"].map(asked));
    await store.deleteSession(id);
    assert.deepEqual([await session.getItems(), await session.getItems(1)], [["a", "b"].map(asked), [asked("b")]]);
    await assert.rejects(store.getSession(id), (error) => isProblem(error, "session-deleted"));
    await session.addItems([asked("c")]);
    await store.deleteSession(id);
    assert.deepEqual(await session.popItem(), asked("c"));
    assert.deepEqual((await store.getHistory(id)).messages.map(({ content }) => content), ["a", "b"]);
    await store.deleteSession(id);
    await session.clearSession();
    assert.deepEqual((await store.getHistory(id)).messages, []);
  });

  test("taking back at one place again and again widens one gap of the view", async () => {
    const { store, id } = await withStore();
    const session = new StoreSession(store, id);
    await session.addItems(["a", "b"].map(asked));
    for (let attempt = 1; attempt <= 5; attempt++) {
      await session.popItem();
      await session.addItems([asked(`b${attempt}`)]);
    }
    assert.deepEqual(await session.getItems(), [asked("a"), asked("b5")]);
    assert.deepEqual((await store.getView(id)).ranges, [[1, 1], [7]]);
  });

  test("two that take back at once take two items", async () => {
    const { store, id } = await withStore();
    const session = new StoreSession(store, id);
    await session.addItems(["a", "b", "c", "d", "e"].map(asked));
    const popped = await Promise.all([session.popItem(), session.popItem(), session.popItem()]);
    assert.deepEqual(new Set(popped.map((item) => (item as { content: string }).content)), new Set(["c", "d", "e"]));
    assert.deepEqual(await session.getItems(), [asked("a"), asked("b")]);
  });

  test("what other programs said is understood", async () => {
    const { store, id } = await withStore();
    await store.append(id, [user("a"), { ...assistant("b"), token_count: 3, metadata: { x: 1 } }]);
    assert.deepEqual(await new StoreSession(store, id).getItems(),
      [asked("a"), { role: "assistant", status: "completed", content: [{ type: "output_text", text: "b" }] }]);
  });

  test("an agent remembers, with its tools", async () => {
    const { store, id } = await withStore();
    const model = new MadeUp([
      [{ type: "function_call", id: "fc_1", callId: "call_1", name: "weather", arguments: '{"city":"Oslo"}', status: "completed" }],
      [answered("It is 20° in Oslo.") as ModelResponse["output"][number]],
      [answered("Oslo.") as ModelResponse["output"][number]],
    ]);
    const weather = tool({ name: "weather", description: "w", parameters: z.object({ city: z.string() }), execute: ({ city }) => `20° in ${city}` });
    const agent = new Agent({ name: "a", model, tools: [weather] });
    const first = await run(agent, "How warm is it in Oslo?", { session: new StoreSession(store, id) });
    assert.equal(first.finalOutput, "It is 20° in Oslo.");
    const second = await run(agent, "Where?", { session: new StoreSession(store, id) });
    assert.equal(second.finalOutput, "Oslo.");
    const types = (model.requests[2]!.input as AgentInputItem[]).map((item) => item.type ?? "message");
    assert.deepEqual(types, ["message", "function_call", "function_call_result", "message", "message"]);
    assert.equal((await store.getStats(id)).message_count, 6);
  });
});

test("items whose answer was lost are added once", async (t) => {
  const { store, id, proxy } = await withProxy(t);
  withoutPauses(t);
  const session = new StoreSession(store, id);
  proxy.plan = ["lose-answer", "lose-request"];
  await session.addItems([asked("a"), asked("b")]);
  proxy.plan = ["half-answer", "busy", "lose-answer"];
  assert.deepEqual(await session.popItem(), asked("b"));
  assert.deepEqual(await session.getItems(), [asked("a")]);
});
