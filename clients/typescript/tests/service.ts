// The real service, started once for all tests on a free port, with a database of its own that goes when they end.
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

let started: Promise<string> | undefined;
let stop: () => Promise<void> = async () => {};

/** Where it is, once it takes requests. */
export function serviceUrl(): Promise<string> {
  return (started ??= start());
}

export function stopService(): Promise<void> {
  return stop();
}

async function start(): Promise<string> {
  if (!existsSync(JAR)) {
    throw new Error(`${JAR} is missing: run ./mvnw package -DskipTests first`);
  }
  const directory = mkdtempSync(join(tmpdir(), "agent-session-store-"));
  const home = process.env["JAVA_HOME"];
  const java = home ? join(home, "bin", "java") : "java";
  const arguments_ = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-jar", JAR];
  const child = spawn("sh", ["-c", LEASH, "sh", java, ...arguments_], {
    cwd: directory, env: environment(), stdio: ["pipe", "pipe", "inherit"],
  });
  stop = async () => {
    child.stdin.end();
    await exited(child);
    rmSync(directory, { recursive: true, force: true });
  };
  return `http://127.0.0.1:${await portOf(child)}`;
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
function environment(): NodeJS.ProcessEnv {
  const foreign = /^(STORE_|SPRING_|SERVER_|DATABASE_|MANAGEMENT_|JAVA_TOOL_OPTIONS)/;
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  // the scheduled retention would take sessions of long ago out of the hands of a test
  return { ...kept, SERVER_PORT: "0", MANAGEMENT_SERVER_PORT: "0", STORE_RETENTION_ENABLED: "false" };
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
