import type { SessionsTailEvent, TailEvent } from "./tail.js";

interface Text {
  text: string;
  /** In code points. */
  length: number;
}

/** The texts of the open drafts, as the events of a tail tell them. */
export class DraftTexts {
  private readonly sessions = new Map<string, Map<string, Text>>();

  /** Takes any event of a tail; answers whether a text has changed, begun or gone. */
  apply(told: TailEvent | SessionsTailEvent): boolean {
    const { event, data } = told;
    const session = (data as { session_id?: string }).session_id ?? ""; // a tail of one session names it in `ready` alone
    switch (event) {
      case "draft":
        this.say(session, data.message_id, data.offset, data.text);
        return true;
      case "draft_discarded":
        return this.forget(session, data.message_id);
      case "message":
        return typeof data.id === "string" && this.forget(session, data.id);
      case "session_deleted":
        return this.sessions.delete(session) || this.sessions.delete("");
      case "ready": { // it has connected: open drafts are told from their beginning
        const had = this.sessions.size > 0;
        this.sessions.clear();
        return had;
      }
      default:
        return false;
    }
  }

  /** The text of a draft; undefined if it is not open. `sessionId` if the tail is of several sessions. */
  get(messageId: string, sessionId = ""): string | undefined {
    return this.sessions.get(sessionId)?.get(messageId)?.text;
  }

  /** All of them, `[messageId, text]`, the one that was begun first is the first. */
  entries(sessionId = ""): [messageId: string, text: string][] {
    return [...(this.sessions.get(sessionId) ?? [])].map(([id, { text }]) => [id, text]);
  }

  private say(session: string, messageId: string, offset: number, text: string): void {
    let drafts = this.sessions.get(session);
    if (drafts === undefined) {
      this.sessions.set(session, drafts = new Map());
    }
    const known = drafts.get(messageId) ?? { text: "", length: 0 };
    const kept = offset < known.length ? known.text.slice(0, indexOf(known.text, offset)) : known.text;
    drafts.set(messageId, { text: kept + text, length: Math.min(offset, known.length) + codePoints(text) });
  }

  private forget(session: string, messageId: string): boolean {
    const drafts = this.sessions.get(session);
    const had = drafts?.delete(messageId) ?? false;
    if (drafts?.size === 0) {
      this.sessions.delete(session);
    }
    return had;
  }
}

/** How many code points a text has. */
export function codePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += (text.codePointAt(i)! > 0xffff ? 2 : 1)) {
    count++;
  }
  return count;
}

/** Where so many code points of a text end; the end of the text if it has fewer. */
export function indexOf(text: string, offset: number): number {
  let i = 0;
  for (let left = offset; left > 0 && i < text.length; left--) {
    i += text.codePointAt(i)! > 0xffff ? 2 : 1;
  }
  return i;
}
