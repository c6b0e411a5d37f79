// Asks the API of the service that this page comes from, with the key of whoever looks.

const KEY = "agent-session-store.key";

/** Where the service is, also behind a path prefix. */
const base = new URL(".", document.baseURI);

/** What the API says when it does not do something: RFC 9457. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.type = (body.type ?? "").replace("/problems/", "");
    this.body = body;
  }
}

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
  const problem = new Problem(response.status, await response.json().catch(() => ({})));
  if (response.status === 401) {
    refused(shown !== null);
  }
  throw problem;
}

export async function get(path, query = {}, options = {}) {
  const response = await request(withQuery(path, query), options);
  return response.json();
}

export async function send(method, path, body) {
  const response = await request(path, body === undefined ? { method } : {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body)
  });
  return response.status === 204 ? undefined : response.json();
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
