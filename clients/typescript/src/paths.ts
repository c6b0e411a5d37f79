import type { operations } from "./openapi.js";

type Operations = operations;
type Query<Operation extends keyof Operations> = NonNullable<Operations[Operation]["parameters"]["query"]>;

/** The path of something in a session. */
export function pathOf(sessionId: string, ...rest: (string | number)[]): string {
  return ["/v1/sessions", sessionId, ...rest].map((part, i) => (i === 0 ? part : encoded(String(part)))).join("/");
}

/** A query of the parameters that this operation has; what is undefined is left out, a list is said again and again. */
export function queryOf<Operation extends keyof Operations>(parameters: Query<Operation>): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null) {
        said.append(name, whole(String(each)));
      }
    }
  }
  const text = said.toString();
  return text === "" ? "" : `?${text}`;
}

/** `Date` or text, as it is sent. */
export function timeOf(time: Date | string | undefined): string | undefined {
  return time instanceof Date ? time.toISOString() : time;
}

/** Labels as filters: `name:text`. */
export function labelsOf(labels: Readonly<Record<string, string>> | undefined): string[] | undefined {
  return labels && Object.entries(labels).map(([name, text]) => `${name}:${text}`);
}

/** Text without half of a surrogate pair, which would be sent as another character. */
export function whole(text: string): string {
  if (/\p{Cs}/u.test(text)) {
    throw new TypeError(`half of a surrogate pair is no text: ${JSON.stringify(text)}`);
  }
  return text;
}

/** An id as a part of a path. */
export function encoded(part: string): string {
  if (part === "." || part === ".." || part === "") { // no URL can have them as a part of its path
    throw new TypeError(`an id is 1 to 255 characters, and not . or ..: ${JSON.stringify(part)}`);
  }
  return encodeURIComponent(whole(part)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
