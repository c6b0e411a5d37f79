// Follows a stream of server-sent events. EventSource can send no key, so this reads the stream by fetch, and comes back
// with Last-Event-ID after every end, as EventSource does. A page that nobody sees follows nothing: a browser opens no more
// than six connections to a host, and pages in other tabs, or kept for its button `back`, would hold them all.

import { pause, request } from "./api.js";
import { parse } from "./json.js";
import { Problem } from "./problem.js";

/** After these answers it makes no sense to come back. */
const FINAL = new Set([400, 401, 403, 404, 406, 410]);

/**
 * @param path of the stream
 * @param on.event is called with the name and the data of each event, in order
 * @param on.state is called with `live`, `waiting` (comes back by itself) or `ended`, and the problem that ended it
 * @returns a function that ends it
 */
export function follow(path, on) {
  const ending = new AbortController();
  run(path, on, ending.signal);
  return () => ending.abort();
}

async function run(path, on, signal) {
  const place = { id: undefined, retry: 1000 };
  while (!signal.aborted) {
    const seen = new AbortController();
    const hide = () => document.hidden && seen.abort();
    document.addEventListener("visibilitychange", hide);
    try {
      await visible(signal);
      const headers = { Accept: "text/event-stream", ...(place.id ? { "Last-Event-ID": place.id } : {}) };
      const response = await request(path, { headers, signal: AbortSignal.any([signal, seen.signal]) });
      for await (const event of events(response.body, place)) {
        if (signal.aborted) {
          return;
        }
        on.state("live");
        on.event(event.name, parse(event.data));
        if (event.name === "session_deleted") {
          return on.state("ended");
        }
      }
    } catch (problem) {
      if (signal.aborted) {
        return;
      }
      if (problem instanceof Problem && FINAL.has(problem.status)) {
        return on.state("ended", problem);
      }
    } finally {
      document.removeEventListener("visibilitychange", hide);
    }
    if (!signal.aborted) {
      on.state("waiting");
      await pause(seen.signal.aborted ? 0 : place.retry, signal);
    }
  }
}

function visible(signal) {
  return new Promise((resolve) => {
    const look = () => (!document.hidden || signal.aborted) && resolve();
    document.addEventListener("visibilitychange", look, { signal });
    signal.addEventListener("abort", look, { once: true });
    look();
  });
}

/**
 * The events of a stream; `place` takes how long to wait before coming back, and the id of the last event that was whole: one
 * that breaks off behind its id comes again.
 */
async function* events(body, place) {
  let event = { name: "message", data: [] };
  for await (const line of lines(body)) {
    if (line === "") {
      place.id = event.id ?? place.id;
      if (event.data.length > 0) {
        yield { name: event.name, data: event.data.join("\n") };
      }
      event = { name: "message", data: [] };
    } else if (!line.startsWith(":")) {
      const colon = line.indexOf(":");
      const value = line.slice(colon + 1).replace(/^ /, "");
      switch (line.slice(0, colon)) {
        case "event": event.name = value; break;
        case "data": event.data.push(value); break;
        case "id": event.id = value; break;
        case "retry": place.retry = Number(value); break;
      }
    }
  }
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const begun = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const parts = value.split("\n");
    for (const part of parts.slice(0, -1)) {
      begun.push(part);
      yield begun.join("");
      begun.length = 0;
    }
    begun.push(parts.at(-1));
  }
}
