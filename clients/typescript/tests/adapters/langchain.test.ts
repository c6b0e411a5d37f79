import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  AIMessage, type BaseMessage, ChatMessage, HumanMessage, RemoveMessage, SystemMessage, ToolMessage,
} from "@langchain/core/messages";
import { ChatPromptTemplate, MessagesPlaceholder } from "@langchain/core/prompts";
import { RunnableWithMessageHistory } from "@langchain/core/runnables";
import { FakeListChatModel } from "@langchain/core/utils/testing";

import { StoreChatMessageHistory } from "../../src/langchain.js";
import { all, user, withStore } from "../store-test.js";

const plain = (messages: BaseMessage[]) => messages.map((message) => JSON.parse(JSON.stringify(message.toDict())));

describe("a chat history of LangChain", { concurrency: 4 }, () => {
  test("messages come back as they were, and stand in the store as models' APIs have them", async () => {
    const { store, id } = await withStore();
    const history = new StoreChatMessageHistory(store, id);
    assert.deepEqual(await history.getMessages(), []);
    const messages = [
      new SystemMessage("Be kind."),
      new HumanMessage({ content: [{ type: "text", text: "How warm is it?" }, { type: "image_url", image_url: { url: "https://x.example/y.png" } }], name: "ann" }),
      new AIMessage({
        content: "", id: "run-1", tool_calls: [{ id: "call_1", name: "weather", args: { city: "Oslo" }, type: "tool_call" }],
        additional_kwargs: { reasoning: "r" }, response_metadata: { model: "m" },
        usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      }),
      new ToolMessage({ content: "20°", tool_call_id: "call_1", name: "weather", status: "success", artifact: { raw: [20] } }),
      new AIMessage({ content: "20°", id: "run-1" }),
      new ChatMessage("x", "developer"),
    ];
    await history.addMessage(messages[0]!);
    await history.addMessages(messages.slice(1));
    const loaded = await history.getMessages();
    assert.deepEqual(plain(loaded), plain(messages));
    assert.deepEqual(loaded.map((message) => message.constructor), messages.map((message) => message.constructor));
    assert.deepEqual((loaded[2] as AIMessage).tool_calls, (messages[2] as AIMessage).tool_calls);
    assert.deepEqual((loaded[2] as AIMessage).usage_metadata, (messages[2] as AIMessage).usage_metadata);
    const stored = await all(store.messages(id));
    assert.deepEqual(stored.map(({ role }) => role), ["system", "user", "assistant", "tool", "assistant", "developer"]);
    assert.deepEqual(stored[2]!.tool_calls, [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }]);
    assert.deepEqual([stored[1]!.name, stored[3]!.tool_call_id], ["ann", "call_1"]);
    assert.equal((await store.getContext(id, { maxMessages: 10 })).left_out.length, 0);
    await assert.rejects(history.addMessage(new RemoveMessage({ id: "run-1" })), TypeError);
  });

  test("content that is given as blocks comes back as blocks", async () => {
    const { store, id } = await withStore();
    const history = new StoreChatMessageHistory(store, id);
    const blocks = [{ type: "reasoning" as const, reasoning: "r" }, { type: "text" as const, text: "20°" }];
    await history.addMessages([new AIMessage({ contentBlocks: blocks }), new HumanMessage({ contentBlocks: blocks.slice(1) })]);
    const [ai, human] = await history.getMessages();
    assert.deepEqual([ai!.contentBlocks, ai!.text, human!.contentBlocks], [blocks, "20°", blocks.slice(1)]);
    assert.deepEqual((await all(store.messages(id))).map(({ content }) => content), [blocks, blocks.slice(1)]);
  });

  test("it is cleared by the view, and the log keeps all", async () => {
    const { store, id } = await withStore();
    const history = new StoreChatMessageHistory(store, id);
    await history.clear();
    await history.addUserMessage("a");
    await history.addAIMessage("b");
    await history.clear();
    assert.deepEqual(await history.getMessages(), []);
    await history.addUserMessage("c");
    assert.deepEqual((await history.getMessages()).map(({ content }) => content), ["c"]);
    assert.equal((await store.getStats(id)).message_count, 3);
  });

  test("a history that was soft-deleted is read, and restored when it goes on", async () => {
    const { store, id } = await withStore();
    const history = new StoreChatMessageHistory(store, id);
    await history.addMessage(new HumanMessage("a"));
    await store.deleteSession(id);
    assert.deepEqual((await history.getMessages()).map(({ content }) => content), ["a"]);
    await history.addMessages([new AIMessage("b"), new HumanMessage("c")]);
    assert.deepEqual((await store.getHistory(id)).messages.map(({ content }) => content), ["a", "b", "c"]);
  });

  test("what other programs said is understood", async () => {
    const { store, id } = await withStore();
    await store.append(id, [
      { role: "developer", content: "d" }, user("a"),
      { role: "assistant", tool_calls: [
        { id: "call_1", type: "function", function: { name: "f", arguments: '{"x":1}' } },
        { id: "call_2", type: "function", function: { name: "g", arguments: "{" } },
        { id: "call_3", type: "function", function: { name: "h", arguments: "" } },
        { id: "call_4", type: "function", function: { name: "i", arguments: { x: 1 } } },
        { id: "call_5", type: "function", function: { name: "j", arguments: "null" } }] },
      { role: "tool", tool_call_id: "call_1", content: "t" }, { type: "reasoning", summary: [] },
    ]);
    const [system, human, ai, tool, other] = await new StoreChatMessageHistory(store, id).getMessages();
    assert.ok(system instanceof SystemMessage && human instanceof HumanMessage && tool instanceof ToolMessage && other instanceof ChatMessage);
    assert.deepEqual((ai as AIMessage).tool_calls, [
      { id: "call_1", name: "f", args: { x: 1 }, type: "tool_call" }, { id: "call_2", name: "g", args: { arguments: "{" }, type: "tool_call" },
      { id: "call_3", name: "h", args: {}, type: "tool_call" }, { id: "call_4", name: "i", args: { x: 1 }, type: "tool_call" },
      { id: "call_5", name: "j", args: {}, type: "tool_call" }]);
    assert.equal(tool.tool_call_id, "call_1");
  });

  test("a chain remembers", async () => {
    const { store, id } = await withStore();
    const prompt = ChatPromptTemplate.fromMessages([new MessagesPlaceholder("history"), ["human", "{input}"]]);
    const chain = new RunnableWithMessageHistory({
      runnable: prompt.pipe(new FakeListChatModel({ responses: ["Hello Ann.", "Ann."] })),
      getMessageHistory: (sessionId) => new StoreChatMessageHistory(store, sessionId),
      inputMessagesKey: "input", historyMessagesKey: "history",
    });
    const config = { configurable: { sessionId: id } };
    await chain.invoke({ input: "I am Ann." }, config);
    await chain.invoke({ input: "Who am I?" }, config);
    assert.deepEqual((await all(store.messages(id))).map(({ role, content }) => [role, content]),
      [["user", "I am Ann."], ["assistant", "Hello Ann."], ["user", "Who am I?"], ["assistant", "Ann."]]);
  });
});
