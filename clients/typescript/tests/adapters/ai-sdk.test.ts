import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createUIMessageStream, createUIMessageStreamResponse, parseJsonEventStream, readUIMessageStream, uiMessageChunkSchema, type UIMessage, type UIMessageChunk } from "ai";

import { StoreError } from "../../src/index.js";
import { StoreChats } from "../../src/ai-sdk.js";
import { all, assistant, until, user, withStore, withWire } from "../store-test.js";
import { withoutPauses } from "../timers.js";

const asks = (id: string, text: string): UIMessage => ({ id, role: "user", parts: [{ type: "text", text }] });

/** The chunks of a stream as a page takes them. */
async function chunks(stream: ReadableStream<Uint8Array>): Promise<UIMessageChunk[]> {
  const parsed = parseJsonEventStream({ stream, schema: uiMessageChunkSchema });
  return (await all(parsed)).map((result) => (result.success ? result.value as UIMessageChunk : assert.fail(String(result.error))));
}

/** An answer that is written as it is told to, with a copy of its stream for `consumeSseStream`. */
function answer(chats: StoreChats, chatId: string) {
  let say!: (chunk: UIMessageChunk) => void;
  let done!: () => void;
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  let published: Promise<void> | undefined;
  const stream = createUIMessageStream({
    execute: async ({ writer }) => {
      say = (chunk) => writer.write(chunk);
      await finished;
    },
  });
  const response = createUIMessageStreamResponse({
    stream, consumeSseStream: ({ stream: copy }) => {
      published = chats.publish(chatId, copy);
    },
  });
  const read = chunks(response.body!);
  return { say: (chunk: UIMessageChunk) => say(chunk), done, read, published: () => published! };
}

describe("chats of the AI SDK", () => {
  test("messages come back as they were, and only what is new is written", async () => {
    const { store, id } = await withStore();
    const chats = new StoreChats(store);
    assert.deepEqual(await chats.load(id), []);
    const messages: UIMessage[] = [
      asks("m1", "How warm is it?"),
      {
        id: "m2", role: "assistant", metadata: { model: "m", at: null }, parts: [
          { type: "step-start" }, { type: "reasoning", text: "Ask the tool.", state: "done" },
          { type: "dynamic-tool", toolName: "weather", toolCallId: "call_1", state: "output-available", input: { city: "Oslo" }, output: { degrees: 20 } },
          { type: "text", text: "20°", state: "done" },
        ],
      },
      { id: "m3", role: "user", metadata: "a text", parts: [{ type: "file", mediaType: "image/png", url: "data:image/png;base64,AA==" }] },
    ];
    await chats.save(id, messages.slice(0, 1));
    await chats.save(id, messages);
    await chats.save(id, messages);
    assert.deepEqual(await chats.load(id), messages);
    const stored = await all(store.messages(id));
    assert.deepEqual(stored.map(({ id: own, content }) => [own, content]), [["m1", "How warm is it?"], ["m2", "20°"], ["m3", undefined]]);
  });

  test("a message that grows, an edited end and a regenerated answer are saved, and the log keeps what was", async () => {
    const { store, id } = await withStore();
    const chats = new StoreChats(store);
    const short: UIMessage = { id: "m2", role: "assistant", parts: [{ type: "text", text: "a" }] };
    await chats.save(id, [asks("m1", "q"), short]);
    const grown: UIMessage = { ...short, parts: [...short.parts, { type: "text", text: "b" }] };
    await chats.save(id, [asks("m1", "q"), grown]);
    assert.deepEqual(await chats.load(id), [asks("m1", "q"), grown]);
    await chats.save(id, [asks("m1", "q"), grown, asks("m3", "r")]);
    assert.deepEqual(await chats.load(id), [asks("m1", "q"), grown, asks("m3", "r")]);
    assert.equal((await store.getStats(id)).message_count, 4);
    await chats.save(id, [asks("m1", "q"), asks("m4", "another")]);
    assert.deepEqual(await chats.load(id), [asks("m1", "q"), asks("m4", "another")]);
    await chats.save(id, [asks("m1", "q"), short]);
    assert.deepEqual(await chats.load(id), [asks("m1", "q"), short]);
    assert.equal((await store.getStats(id)).message_count, 5);
  });

  test("an answer that was given no id is kept until it has one", async () => {
    const { store, id } = await withStore();
    const chats = new StoreChats(store);
    const answered = (own: string): UIMessage => ({ id: own, role: "assistant", parts: [{ type: "text", text: "a" }] });
    for (const messages of [[asks("m1", "q"), answered("")], [asks("m1", "q"), answered("m2"), asks("m3", "r"), answered("")]]) {
      await chats.save(id, messages);
      assert.deepEqual(await chats.load(id), messages);
    }
  });

  test("a chat that was soft-deleted is read, and restored when it goes on", async () => {
    const { store, id } = await withStore();
    const chats = new StoreChats(store);
    const messages = [asks("m1", "q")];
    await chats.save(id, messages);
    await store.deleteSession(id);
    assert.deepEqual([await chats.load(id), await chats.resume(id)], [messages, null]);
    messages.push(asks("m2", "r"));
    await chats.save(id, messages);
    assert.equal((await store.getSession(id)).last_seq, 2);
    assert.deepEqual(await chats.load(id), messages);
  });

  test("what other programs said is understood", async () => {
    const { store, id } = await withStore();
    await store.append(id, [user("a"), { ...assistant("b"), id: "msg_2" }, { role: "tool", content: "t", tool_call_id: "c" }]);
    assert.deepEqual(await new StoreChats(store).load(id),
      [asks("seq-1", "a"), { id: "msg_2", role: "assistant", parts: [{ type: "text", text: "b" }] }]);
  });

  test("an answer goes on after a reload, from its beginning, with all its parts", async (t) => {
    const { store, id, wire } = await withWire(t);
    withoutPauses(t);
    const chats = new StoreChats(store);
    const writing = new StoreChats((await withStore()).store, { keepFor: 60_000 });
    assert.equal(await chats.resume(id), null);
    const { say, done, read } = answer(writing, id);
    say({ type: "start", messageId: "m2" });
    say({ type: "reasoning-start", id: "r" });
    say({ type: "reasoning-delta", id: "r", delta: "Hm. 🚑" });
    say({ type: "reasoning-end", id: "r" });
    say({ type: "text-start", id: "t" });
    await until(async () => (await store.getDrafts(id).catch(() => []))[0]?.text.includes("text-start"));
    const first = await chats.resume(id);
    const second = await chats.resume(id);
    const seen = chunks(first!);
    const cut = chunks(second!);
    say({ type: "text-delta", id: "t", delta: "It is " });
    await until(async () => (await store.getDrafts(id))[0]!.text.includes("It is"));
    wire.cut();
    say({ type: "text-delta", id: "t", delta: "20°." });
    say({ type: "text-end", id: "t" });
    say({ type: "finish" });
    done();
    const whole = await read;
    await until(async () => (await store.getDrafts(id))[0]!.text.endsWith("data: [DONE]\n\n"));
    assert.equal(await chats.resume(id), null);
    assert.deepEqual(await seen, whole);
    assert.deepEqual(await cut, whole);
    const replay = new ReadableStream<UIMessageChunk>({
      start(controller) {
        whole.forEach((chunk) => controller.enqueue(chunk));
        controller.close();
      },
    });
    const message = (await all(readUIMessageStream({ stream: replay }))).at(-1)!;
    assert.deepEqual(message.parts.map((part) => "text" in part && part.text), ["Hm. 🚑", "It is 20°."]);
  });

  test("an answer whose end is missed does not end like one that is whole", async () => {
    const { store, id } = await withStore();
    const draft = store.draft(id, "ui-stream_1");
    await draft.write("data: {}\n\n");
    await until(async () => (await store.getDrafts(id).catch(() => [])).length === 1);
    const reader = (await new StoreChats(store).resume(id))!.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "data: {}\n\n");
    await draft.discard();
    await assert.rejects(reader.read(), StoreError);
  });

  test("drafts of others are no streams, and who leaves a stream closes its tail", async () => {
    const { store, id } = await withStore();
    const chats = new StoreChats(store, { keepFor: 0 });
    const draft = store.draft(id, "msg_1");
    await draft.write("text");
    await until(async () => (await store.getDrafts(id).catch(() => [])).length === 1);
    assert.equal(await chats.resume(id), null);
    const { say, done, read, published } = answer(chats, id);
    say({ type: "start" });
    await until(async () => (await store.getDrafts(id)).length === 2);
    const stream = await chats.resume(id);
    await stream!.cancel();
    done();
    await read;
    await published();
    assert.deepEqual((await store.getDrafts(id)).map(({ message_id }) => message_id), ["msg_1"]);
    await draft.discard();
  });
});
