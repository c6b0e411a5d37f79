// What the tests beside it share.
import { after, type TestContext } from "node:test";
import { randomUUID } from "node:crypto";

import { SessionStore, type StoreOptions } from "../src/index.js";
import { Proxy, Wire } from "./proxy.js";
import { serviceUrl, stopService } from "./service.js";

after(stopService);

/** A store of the real service, and a session id that nobody else has. */
export async function withStore(options: StoreOptions = {}): Promise<{ store: SessionStore; id: string; url: string }> {
  const url = await serviceUrl();
  return { url, store: new SessionStore({ url, timeout: 10_000, ...options }), id: `session-${randomUUID()}` };
}

/** The same behind a proxy. */
export async function withProxy(t: TestContext, options: StoreOptions = {}): Promise<{ store: SessionStore; id: string; proxy: Proxy }> {
  const proxy = await Proxy.to(await serviceUrl());
  t.after(() => proxy.close());
  return { ...await withStore({ url: proxy.url, ...options }), proxy };
}

/** The same at a wire that can be cut. */
export async function withWire(t: TestContext, options: StoreOptions = {}): Promise<{ store: SessionStore; id: string; wire: Wire }> {
  const wire = await Wire.to(await serviceUrl());
  t.after(() => wire.close());
  return { ...await withStore({ url: wire.url, ...options }), wire };
}

/** Waits until something is so, for as many milliseconds at most. */
export async function until(condition: () => unknown, what = "it never was so", most = 10_000): Promise<void> {
  const deadline = Date.now() + most;
  while (!await condition()) {
    if (Date.now() > deadline) {
      throw new Error(what);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
  }
  return found;
}

/** The next so many. */
export async function take<T>(items: AsyncIterator<T>, count: number): Promise<T[]> {
  const found: T[] = [];
  while (found.length < count) {
    const { done, value } = await items.next();
    if (done) {
      break;
    }
    found.push(value);
  }
  return found;
}

export const user = (content: string) => ({ role: "user" as const, content });
export const assistant = (content: string) => ({ role: "assistant" as const, content });
