// The examples of the README, as they stand there.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";

import { setDefaultModelProvider, setTracingDisabled, Usage } from "@openai/agents";
import type { UIMessage } from "ai";
import { MockLanguageModelV3, simulateReadableStream } from "ai/test";
import ts from "typescript";

import { SessionStore } from "../src/index.js";
import { ROOT, serviceUrl } from "./service.js";
import { until } from "./store-test.js";

const PACKAGE = join(ROOT, "clients", "typescript");

/** Runs the example under this heading against the tests' service; answers what it has said and what it exports. */
async function run(t: TestContext, heading: string, lines: string[] = []): Promise<{ said: string; exported: Record<string, never> }> {
  const readme = await readFile(join(PACKAGE, "README.md"), "utf8");
  const section = readme.split(/^#+ /m).find((each) => each.startsWith(`${heading}\n`))!;
  const code = /^```ts\n(.*?)^```$/ms.exec(section)![1]!.replaceAll("http://127.0.0.1:8080", await serviceUrl());
  const directory = join(PACKAGE, "build", "readme");
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${heading.replace(/\W+/g, "-")}.mjs`);
  const { target, module } = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  await writeFile(file, ts.transpileModule(code, { compilerOptions: { target, module } }).outputText);
  const log = t.mock.method(console, "log", (...values: unknown[]) => {
    lines.push(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" "));
  });
  try {
    const exported = await import(file) as Record<string, never>;
    return { said: lines.join("\n"), exported };
  } finally {
    log.mock.restore();
  }
}

describe("the examples of the README", () => {
  test("the first", async (t) => {
    assert.match((await run(t, "Agent Session Store from TypeScript")).said, /A semicolon is missing in line 3\./);
  });

  test("messages", async (t) => {
    await run(t, "Messages");
    const store = new SessionStore({ url: await serviceUrl() });
    assert.deepEqual((await store.getView("support-4711")).ranges, [[1, 1], [4]]);
  });

  test("a draft, and who follows", async (t) => {
    const store = new SessionStore({ url: await serviceUrl() });
    assert.match((await run(t, "Write a draft")).said, /^message 4 has the id msg_/);
    await store.appendTurn("support-4711", { agent_switch: { to_agent: "tester" } });
    const open = store.draft("support-4711");
    await open.write("Being ");
    const lines: string[] = [];
    const following = run(t, "Follow live", lines);
    await until(() => lines.some((line) => /^being written: \[\["msg_.*","Being "\]\]$/.test(line)));
    await open.commit({ role: "assistant", content: "The end." });
    await until(() => lines.includes("5 The end."));
    await store.deleteSession("support-4711");
    await following;
    assert.ok(lines.includes("1 Why does my build fail?") && lines.includes("now at work: tester"));
  });

  test("OpenAI Agents SDK", async (t) => {
    setTracingDisabled(true);
    const answers = ["Oslo.", "700,000."];
    setDefaultModelProvider({
      getModel: async () => ({
        getResponse: async () => ({
          usage: new Usage(),
          output: [{ type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: answers.shift()! }] }],
        }),
        getStreamedResponse: () => assert.fail(),
      }),
    });
    assert.match((await run(t, "OpenAI Agents SDK")).said, /^Oslo\.\n700,000\.\n\[\{.*How many people.*700,000/);
  });

  test("LangChain", async (t) => {
    await run(t, "LangChain");
    const { messages } = await new SessionStore({ url: await serviceUrl() }).getHistory("langchain-1");
    assert.deepEqual(messages.map(({ content }) => content), ["I am Ann.", "Hello Ann."]);
  });

  test("AI SDK", async (t) => {
    const model = new MockLanguageModelV3({
      doStream: async () => ({
        stream: simulateReadableStream({
          chunkDelayInMs: 50,
          chunks: [
            { type: "text-start", id: "t" }, { type: "text-delta", id: "t", delta: "Oslo" }, { type: "text-delta", id: "t", delta: "." },
            { type: "text-end", id: "t" },
            {
              type: "finish", finishReason: { unified: "stop", raw: "stop" },
              usage: {
                inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 },
              },
            },
          ],
        }),
      }),
    });
    Object.assign(globalThis, { AI_SDK_DEFAULT_PROVIDER: { languageModel: () => model } });
    const { exported } = await run(t, "AI SDK");
    const { POST, GET } = exported as unknown as { POST: (request: Request) => Promise<Response>; GET: (id: string) => Promise<Response> };
    const messages: UIMessage[] = [{ id: "m1", role: "user", parts: [{ type: "text", text: "The capital of Norway?" }] }];
    const response = await POST(new Request("http://page/", { method: "POST", body: JSON.stringify({ id: "ai-sdk-1", messages }) }));
    const store = new SessionStore({ url: await serviceUrl() });
    await until(async () => (await store.getDrafts("ai-sdk-1"))[0]?.text);
    const [first, resumed] = await Promise.all([response.text(), GET("ai-sdk-1").then((it) => it.text())]);
    assert.match(first, /"delta":"Oslo"/);
    assert.equal(resumed, first);
    await until(async () => (await store.getHistory("ai-sdk-1")).messages.length === 2);
    assert.deepEqual((await store.getHistory("ai-sdk-1")).messages.map(({ content }) => content), ["The capital of Norway?", "Oslo."]);
    assert.equal((await GET("ai-sdk-1")).status, 204);
  });
});
