import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { EventStreamParser, type ServerSentEvent } from "../src/index.js";

function read(text: string, cut: number, parser = new EventStreamParser()): ServerSentEvent[] {
  const bytes = new TextEncoder().encode(text);
  const events: ServerSentEvent[] = [];
  for (let i = 0; i < bytes.length; i += cut) {
    events.push(...parser.push(bytes.subarray(i, i + cut)));
  }
  return events;
}

describe("a stream of events", () => {
  const cases: [name: string, stream: string, events: [event: string, data: string, id?: string][]][] = [
    ["has lines that end in LF", "event: a\ndata: 1\n\n", [["a", "1"]]],
    ["has lines that end in CR", "event: a\rdata: 1\r\rdata: 2\r\r", [["a", "1"], ["message", "2"]]],
    ["has lines that end in CR LF", "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", [["a", "1"], ["message", "2"]]],
    ["may mix them", "data: 1\r\ndata: 2\rdata: 3\n\r\n", [["message", "1\n2\n3"]]],
    ["may begin with a byte order mark, once", "\uFEFFdata: 1\n\n\uFEFFdata: 2\n\n", [["message", "1"]]],
    ["has data of several lines", "data: a\ndata:\ndata:  b\n\n", [["message", "a\n\n b"]]],
    ["loses one space behind the colon, and only there", "data:a\ndata:  a: b \n\n", [["message", "a\n a: b "]]],
    ["has fields without a value", "data\ndata\n\n", [["message", "\n"]]],
    ["has comments and fields that nobody knows", ": hi\n:\nfoo: bar\n foo\ndata: 1\n\n", [["message", "1"]]],
    ["has no event without data", "event: a\n\nevent: b\nid: 1\n\ndata: 1\n\n", [["message", "1", "1"]]],
    ["keeps its id until there is another", "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
      [["message", "a", "1"], ["message", "b", "1"], ["message", "c", ""]]],
    ["has no id with NUL in it", "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", [["message", "a", "1"], ["message", "b", "1"]]],
    ["drops what has no end", "data: 1\n\ndata: 2\n", [["message", "1"]]],
    ["is UTF-8", "data: 🚑 é\u2028x\n\n", [["message", "🚑 é\u2028x"]]],
    ["has the last of two event fields", "event: a\nevent: b\ndata: 1\n\n", [["b", "1"]]],
  ];
  for (const [name, stream, events] of cases) {
    test(name, () => {
      for (const cut of [1, 2, 3, 5, 1000]) {
        assert.deepEqual(read(stream, cut).map((it) => (it.id === undefined ? [it.event, it.data] : [it.event, it.data, it.id])), events, `cut by ${cut}`);
      }
    });
  }

  test("says after how long to come back", () => {
    const parser = new EventStreamParser();
    assert.deepEqual(read("retry: 250\n\n", 4, parser), []);
    assert.equal(parser.retry, 250);
    read("retry: 1e3\nretry:\nretry: -1\nretry: 5 \n\n", 4, parser);
    assert.equal(parser.retry, 250);
  });

  test("moves the position with whole events alone", () => {
    const parser = new EventStreamParser("0");
    read("id: 1\ndata: a\n", 3, parser);
    assert.equal(parser.lastEventId, "0");
    read("\n", 1, parser);
    assert.equal(parser.lastEventId, "1");
  });

  test("takes large data in small pieces without going over it again and again", () => {
    const data = "x".repeat(2_000_000);
    const before = performance.now();
    const [event] = read(`data: ${data}\n\n`, 512);
    assert.equal(event!.data.length, data.length);
    assert.ok(performance.now() - before < 2000);
  });
});
