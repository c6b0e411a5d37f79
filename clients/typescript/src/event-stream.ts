/** One event of a stream of server-sent events. */
export interface ServerSentEvent {
  event: string;
  data: string;
  /** The last `id` that the stream has said, of this event or an earlier one; undefined if it has said none. */
  id: string | undefined;
}

/**
 * Takes a stream of server-sent events apart, as the HTML standard says it is to be read. What it is given may be cut
 * anywhere; an event counts once its blank line has come.
 */
export class EventStreamParser {
  /** Milliseconds that the stream asks to wait before coming back; undefined if it has not. */
  retry: number | undefined;

  /** The `id` that to come back with; moves with each event that was given out. */
  lastEventId: string | undefined;

  private readonly decoder = new TextDecoder(); // passes over a byte order mark at the beginning
  private line = "";
  private afterCarriageReturn = false;
  private event = "";
  private data: string[] = [];
  private id: string | undefined;

  constructor(lastEventId?: string) {
    this.lastEventId = this.id = lastEventId;
  }

  /** The events that end in these bytes. */
  *push(bytes: Uint8Array): Generator<ServerSentEvent, void, undefined> {
    const text = this.decoder.decode(bytes, { stream: true });
    let begin = 0;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c !== 10 && c !== 13) {
        this.afterCarriageReturn = false;
        continue;
      }
      const secondOfTwo = c === 10 && this.afterCarriageReturn && i === begin && this.line === "";
      this.afterCarriageReturn = c === 13;
      if (!secondOfTwo) {
        const line = this.line + text.slice(begin, i);
        this.line = "";
        begin = i + 1;
        const event = line === "" ? this.dispatch() : this.field(line);
        if (event) {
          yield event;
        }
      } else {
        begin = i + 1;
      }
    }
    this.line += text.slice(begin);
  }

  private field(line: string): undefined {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "event") {
      this.event = value;
    } else if (name === "data") {
      this.data.push(value);
    } else if (name === "id" && !value.includes("\0")) {
      this.id = value;
    } else if (name === "retry" && /^\d+$/.test(value)) {
      this.retry = Number(value);
    } // a comment has no name
  }

  private dispatch(): ServerSentEvent | undefined {
    const { event, data, id } = this;
    this.event = "";
    this.data = [];
    this.lastEventId = id;
    return data.length === 0 ? undefined : { event: event || "message", data: data.join("\n"), id };
  }
}
