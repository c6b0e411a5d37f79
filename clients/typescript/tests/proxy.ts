// Things between client and service that count what passes, and do what networks do.
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createWire, type Server as WireServer, type Socket } from "node:net";

/**
 * What becomes of a request:
 * lose-request   the connection ends before the service hears of it
 * lose-answer    the service does the work, and the connection ends
 * half-answer    the service does the work, and the connection ends in the middle of the answer
 * busy           503 with Retry-After
 * rate-limited   429 with Retry-After
 * {json}         200 with this, and the service is not asked
 */
export type Step = "lose-request" | "lose-answer" | "half-answer" | "busy" | "rate-limited" | { json: unknown; status?: number };

export interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Forwards whole requests to the service. Each takes the first step of `plan`, if there is one. */
export class Proxy {
  plan: Step[] = [];
  readonly requests: Seen[] = [];
  url = "";

  private readonly server: Server;

  private constructor(private readonly target: string) {
    this.server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const seen = { method: request.method!, path: request.url!, headers: request.headers, body: Buffer.concat(pieces).toString() };
        this.requests.push(seen);
        this.answer(seen, response).catch(() => response.destroy());
      });
    });
  }

  static async to(url: string, port = 0): Promise<Proxy> {
    const proxy = new Proxy(url);
    proxy.url = `http://127.0.0.1:${await listen(proxy.server, port)}`;
    return proxy;
  }

  keys(): unknown[] {
    return this.requests.map(({ headers }) => headers["idempotency-key"]);
  }

  methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer({ method, path, headers, body }: Seen, response: ServerResponse): Promise<void> {
    const step = this.plan.shift();
    if (step === "lose-request") {
      response.destroy();
    } else if (step === "busy") {
      response.writeHead(503, { "Content-Type": "application/problem+json", "Retry-After": "0" });
      response.end('{"type":"/problems/busy","title":"The store is busy","status":503,"detail":"The queue is full."}');
    } else if (step === "rate-limited") {
      response.writeHead(429, { "Content-Type": "application/problem+json", "Retry-After": "1" });
      response.end("{}");
    } else if (typeof step === "object") {
      response.writeHead(step.status ?? 200, { "Content-Type": "application/json" });
      response.end(typeof step.json === "string" ? step.json : JSON.stringify(step.json));
    } else {
      const kept = Object.entries(headers).filter(([name]) => !["host", "connection", "content-length", "transfer-encoding"].includes(name));
      const answer = await fetch(this.target + path, {
        method, headers: kept as [string, string][], ...(body !== "" && { body }),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (step === "lose-answer") {
        response.destroy();
        return;
      }
      response.writeHead(answer.status, { "Content-Type": answer.headers.get("Content-Type") ?? "", "Content-Length": bytes.length });
      if (step === "half-answer") {
        response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
      } else {
        response.end(bytes);
      }
    }
  }
}

/** Passes bytes on as they come, both ways, and can cut all connections. */
export class Wire {
  connections = 0;
  url = "";
  /** What went from the client to the service. */
  said = "";
  /** How many bytes came from the service. */
  answered = 0;

  private readonly server: WireServer;
  private readonly open = new Set<Socket>();

  private constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.server = createWire((client) => {
      this.connections++;
      const service = connect(Number(port), hostname);
      client.on("data", (bytes) => {
        this.said += bytes.toString("latin1");
      });
      service.on("data", (bytes) => {
        this.answered += bytes.length;
      });
      client.pipe(service).pipe(client);
      for (const [one, other] of [[client, service], [service, client]] as const) {
        this.open.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.open.delete(one);
          other.destroy();
        });
      }
    });
  }

  static async to(url: string): Promise<Wire> {
    const wire = new Wire(url);
    wire.url = `http://127.0.0.1:${await listen(wire.server, 0)}`;
    return wire;
  }

  /** Ends all connections in the middle of what they are at. */
  cut(): void {
    this.open.forEach((socket) => socket.resetAndDestroy());
  }

  /** Loses from now on what is said on the connections that there are, and tells nobody. */
  stall(): void {
    this.open.forEach((socket) => socket.unpipe().pause());
  }

  close(): void {
    this.server.close();
    this.cut();
  }
}

function listen(server: Server | WireServer, port: number): Promise<number> {
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
