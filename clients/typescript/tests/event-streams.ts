// A service that only has tails, and says on each connection what the test wrote down.
import { type AddressInfo, createServer, type Server } from "node:net";
import type { TestContext } from "node:test";

export const OPEN = "\0";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/** An answer of server-sent events, one chunk for each piece, without the end that HTTP would have. */
export function stream(...pieces: string[]): string {
  return HEAD + pieces.map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`).join("");
}

/** The same with that end. */
export function whole(...pieces: string[]): string {
  return `${stream(...pieces)}0\r\n\r\n`;
}

export function event(name: string, id: string, data: object): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function problem(status: number, name: string, retryAfter?: number): string {
  const body = JSON.stringify({ type: `/problems/${name}`, title: "t", status, detail: "d" });
  const wait = retryAfter === undefined ? "" : `Retry-After: ${retryAfter}\r\n`;
  return `HTTP/1.1 ${status} Problem\r\n${wait}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

/** Each connection gets the next of `answers` and is closed; one that ends in OPEN not before the other side closes. */
export class EventStreams {
  readonly requests: [path: string, lastEventId: string | undefined][] = [];
  url = "";
  /** How many connections the other side has closed. */
  left = 0;

  private readonly server: Server;

  private constructor(answers: string[]) {
    this.server = createServer((socket) => {
      let head = "";
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        head += bytes.toString("latin1");
        if (head.endsWith("\r\n\r\n")) {
          const [first, ...lines] = head.split("\r\n");
          const lastEventId = lines.find((line) => /^last-event-id: /i.test(line))?.slice(15);
          this.requests.push([first!.split(" ")[1]!, lastEventId]);
          head = "";
          const answer = answers.shift() ?? "";
          socket.write(answer.replace(OPEN, ""));
          if (!answer.endsWith(OPEN)) {
            socket.end();
          }
        }
      });
      socket.on("close", () => this.left++);
    });
  }

  static async of(t: TestContext, answers: string[]): Promise<EventStreams> {
    const streams = new EventStreams(answers);
    await new Promise<void>((resolve) => streams.server.listen(0, "127.0.0.1", resolve));
    streams.url = `http://127.0.0.1:${(streams.server.address() as AddressInfo).port}`;
    t.after(() => streams.server.close());
    return streams;
  }
}
