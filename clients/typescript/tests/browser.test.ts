// The client, and the browser's own EventSource, in a page. The server of the page passes on what is asked of the store, as one in front of both would.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { readFile } from "node:fs/promises";
import { createServer, request as ask, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, test, type TestContext } from "node:test";

import { SessionStore } from "../src/index.js";
import { ROOT, serviceUrl } from "./service.js";
import { user } from "./store-test.js";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server"];

const PAGE = `<!doctype html><script type="module">
import { DraftTexts, isProblem, SessionStore } from "./src/index.js";
const told = [];
try {
  const store = new SessionStore({ url: "/" });
  const tail = store.tail("browser-1", { drafts: true, wait: true });
  const texts = new DraftTexts();
  await tail.next();
  await store.append("browser-1", { role: "user", content: "Hello 🚑" });
  const draft = store.draft("browser-1");
  for await (const event of tail) {
    const changed = texts.apply(event);
    if (event.event === "message") told.push(event.data.content);
    if (event.event === "message" && event.data.seq === 1) await draft.write("half ");
    if (changed && texts.get(draft.messageId) === "half ") draft.write("🚑 and half");
    if (changed && texts.get(draft.messageId) === "half 🚑 and half") await draft.commit({ role: "assistant", content: draft.text });
    if (event.event === "message" && event.data.seq === 2) break;
  }
  told.push((await store.getHistory("browser-1")).messages.length);
  told.push(isProblem(await store.getSession("never").catch((error) => error), "session-not-found"));
} catch (error) {
  told.push(String(error));
}
await fetch("/told", { method: "POST", body: JSON.stringify(told) });
</script>`;

/** What it was told, its connection lost in the middle. */
const EVENT_SOURCE_PAGE = `<!doctype html><script>
const told = [];
const source = new EventSource("/v1/sessions/browser-2/tail?after=0");
source.addEventListener("message", async ({ data, lastEventId }) => {
  const { seq } = JSON.parse(data);
  told.push([seq, lastEventId.split("-")[0]]);
  if (seq === 2) await fetch("/cut");
  if (seq === 4) await fetch("/told", { method: "POST", body: JSON.stringify(told) });
});
</script>`;

describe("in a browser", () => {
  const browser = onPath();
  // a build that decides has to have one
  const skip = browser === undefined && process.env.CI !== "true" && "no Chromium on the path";
  const options = { timeout: 60_000, skip };

  test("a page appends, follows and writes drafts", options, async (t) => {
    const { url, told } = await serve(t, PAGE);
    await visit(url, async () => assert.deepEqual(await told, ["Hello 🚑", "half 🚑 and half", 2, true]));
  });

  test("its EventSource gets each message once though its connection was lost", options, async (t) => {
    const store = new SessionStore({ url: await serviceUrl() });
    await store.append("browser-2", [user("1"), user("2")]);
    const { url, told, positions } = await serve(t, EVENT_SOURCE_PAGE, () => store.append("browser-2", [user("3"), user("4")]));
    await visit(url, async () => assert.deepEqual(await told, [1, 2, 3, 4].map((seq) => [seq, String(seq)])));
    assert.equal(positions.length, 2);
    assert.equal(positions[0], undefined);
    assert.match(positions[1]!, /^2-/);
  });

  async function visit(url: string, meanwhile: () => Promise<void>): Promise<void> {
    assert.ok(browser, "no Chromium on the path");
    const profile = mkdtempSync(join(tmpdir(), "agent-session-store-"));
    const child = spawn(browser, [...OPTIONS, `--user-data-dir=${profile}`, url], { stdio: "ignore" });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    try {
      await meanwhile();
    } finally {
      child.kill();
      await gone;
      // what it has begun may still write there for a moment, which is no fault of the client
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }).catch(() => undefined);
    }
  }
});

/** A server of this page. Asked to cut, it ends what it passes on, and then does something else. */
async function serve(
  t: TestContext, page: string, onceCut: () => Promise<unknown> = async () => {},
): Promise<{ url: string; told: Promise<unknown>; positions: (string | undefined)[] }> {
  const positions: (string | undefined)[] = [];
  let cut = () => {};
  const store = new URL(await serviceUrl());
  let tell!: (told: unknown) => void;
  const told = new Promise((resolve) => {
    tell = resolve;
  });
  const server: Server = createServer(async (request, response) => {
    const path = request.url!;
    if (path.startsWith("/v1/")) {
      const { method, headers } = request;
      const passed = ask({ host: store.hostname, port: store.port, path, method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        response.on("close", () => answer.destroy());
      });
      request.pipe(passed.on("error", () => response.destroy()));
      if (path.includes("/tail")) {
        positions.push(headers["last-event-id"] as string | undefined);
        cut = () => response.destroy();
      }
    } else if (path === "/cut") {
      cut();
      await onceCut();
      response.end();
    } else if (path === "/told") {
      tell(JSON.parse(Buffer.concat(await request.toArray() as Buffer[]).toString()));
      response.end();
    } else if (path.startsWith("/src/")) {
      response.writeHead(200, { "Content-Type": "text/javascript" });
      response.end(await readFile(join(ROOT, "clients", "typescript", "build", path)));
    } else {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      response.end(page);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, told, positions };
}

function onPath(): string | undefined {
  return NAMES.flatMap((name) => (process.env["PATH"] ?? "").split(delimiter).map((directory) => join(directory, name))).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
