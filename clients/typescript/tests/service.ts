// The real service on a free port, with a database of its own that goes when the tests end. One is started once for all of them.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

const JAR = join(ROOT, "target", "agent-session-store.jar");
const START_TIMEOUT = 120_000;

/** Ends the program that it runs when its input does: however the tests end, they leave nothing behind. */
const LEASH = 'exec 3<&0; "$@" </dev/null & child=$!; (read -r _ <&3; kill $child) >/dev/null & watch=$!; wait $child; kill $watch 2>/dev/null';

/** One service with its database, which can be stopped and started again where it was. */
export class Service {
  url = "";

  private readonly directory = mkdtempSync(join(tmpdir(), "agent-session-store-"));
  private child: ChildProcess | undefined;

  async start(): Promise<this> {
    if (!existsSync(JAR)) {
      throw new Error(`${JAR} is missing: run ./mvnw package -DskipTests first`);
    }
    const home = process.env["JAVA_HOME"];
    const java = home ? join(home, "bin", "java") : "java";
    const arguments_ = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-jar", JAR];
    this.child = spawn("sh", ["-c", LEASH, "sh", java, ...arguments_], {
      cwd: this.directory, env: environment(this.url === "" ? "0" : new URL(this.url).port), stdio: ["pipe", "pipe", "inherit"],
    });
    this.url = `http://127.0.0.1:${await portOf(this.child)}`;
    return this;
  }

  /** Lets it shut down as it would on a machine: it says goodbye to who follows. */
  async stop(): Promise<void> {
    if (this.child !== undefined) {
      this.child.stdin!.end();
      await exited(this.child);
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

let shared: Promise<Service> | undefined;

/** Where the one for all tests is, once it takes requests. */
export async function serviceUrl(): Promise<string> {
  return (await (shared ??= new Service().start())).url;
}

export async function stopService(): Promise<void> {
  await (await shared?.catch(() => undefined))?.remove();
}

async function portOf(child: ChildProcess): Promise<number> {
  const log: string[] = [];
  const limit = setTimeout(() => child.stdin!.end(), START_TIMEOUT);
  let port: number | undefined;
  const lines = createInterface(child.stdout!);
  try {
    for await (const line of lines) {
      log.push(line);
      // the first one; the next is that of health and metrics
      port ??= Number(/Netty started on port (\d+)/.exec(line)?.[1]) || undefined;
      if (port !== undefined && line.includes("Started AgentSessionStore")) {
        return port;
      }
    }
  } finally {
    clearTimeout(limit);
    child.stdout!.resume();
  }
  throw new Error(`the service did not start:\n${log.join("\n")}`);
}

/** Ours without what could send the service to another database than the temporary one. */
function environment(port: string): NodeJS.ProcessEnv {
  const foreign = /^(STORE_|SPRING_|SERVER_|DATABASE_|MANAGEMENT_|JAVA_TOOL_OPTIONS)/;
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  // the scheduled retention would take sessions of long ago out of the hands of a test
  return { ...kept, SERVER_PORT: port, MANAGEMENT_SERVER_PORT: "0", STORE_RETENTION_ENABLED: "false" };
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
    } else {
      child.once("exit", () => resolve());
    }
  });
}
