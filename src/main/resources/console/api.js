// Asks the API of the service that this page comes from, with the key of whoever looks.

import { parse } from "./json.js";
import { Problem } from "./problem.js";

const KEY = "agent-session-store.key";

/** So often a read is asked again that the service is too busy for, each time after so many seconds at most. */
const AGAIN = 3;
const LONGEST = 5;

/** Where the service is, also behind a path prefix. */
const base = new URL(".", document.baseURI);

let refused = () => {};

/** Calls this whenever a key is missing or not accepted. */
export function onRefusedKey(react) {
  refused = react;
}

/** The key or token; it is kept for this tab only, and gone when that is closed. */
export function key() {
  return sessionStorage.getItem(KEY);
}

export function setKey(value) {
  if (value) {
    sessionStorage.setItem(KEY, value);
  } else {
    sessionStorage.removeItem(KEY);
  }
}

/**
 * Sends a request. The answer is one of success; any other is thrown as a Problem.
 * @param path as `/v1/sessions`, also one that the API itself has said, such as `next`
 */
export async function request(path, { headers = {}, ...options } = {}) {
  const shown = key();
  const response = await fetch(new URL(path.replace(/^\//, ""), base), {
    ...options,
    headers: { ...headers, ...(shown ? { Authorization: `Bearer ${shown}` } : {}) }
  });
  if (response.ok) {
    return response;
  }
  const again = response.headers.get("Retry-After");
  const problem = new Problem(response.status, await response.json().catch(() => ({})), again ? Number(again) : undefined);
  // another key may have been given meanwhile
  if (response.status === 401 && shown === key()) {
    refused(shown !== null);
  }
  throw problem;
}

export async function get(path, query = {}, options = {}) {
  for (let left = AGAIN; ; left--) {
    try {
      return parse(await (await request(withQuery(path, query), options)).text());
    } catch (problem) {
      if (left === 0 || problem.retryAfter === undefined) {
        throw problem;
      }
      await pause(Math.min(problem.retryAfter, LONGEST) * 1000, options.signal);
    }
  }
}

export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

export async function send(method, path, body) {
  const response = await request(path, body === undefined ? { method } : {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body)
  });
  return response.status === 204 ? undefined : parse(await response.text());
}

/** The path of a session, or of what belongs to it. */
export function ofSession(id, rest = "") {
  return `/v1/sessions/${encodeURIComponent(id)}${rest}`;
}

/** Leaves out what is undefined or empty; a list is a parameter that comes again. */
export function withQuery(path, query) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    [value].flat().filter((each) => each !== undefined && each !== "" && each !== false)
      .forEach((each) => all.append(name, each === null ? "" : each));
  }
  return all.size ? `${path}?${all}` : path;
}
