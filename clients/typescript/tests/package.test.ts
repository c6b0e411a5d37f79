import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import * as client from "../src/index.js";
import { ROOT } from "./service.js";

const PACKAGE = join(ROOT, "clients", "typescript");

const read = (...path: string[]) => readFile(join(PACKAGE, ...path), "utf8");

describe("the package", () => {
  test("has what its callers import", () => {
    assert.deepEqual(Object.keys(client).sort(),
      ["Draft", "DraftTexts", "EventStreamParser", "FoundMessages", "SessionStore", "StoreError", "StoreUnavailable", "Tail", "isProblem"]);
  });

  test("has the types of the service's document", async () => {
    const { types } = await import(join(PACKAGE, "types.mjs")) as { types: () => Promise<string> };
    assert.equal(await read("src", "openapi.ts"), await types(), "run `npm run types`");
  });

  test("has the version of the service", async () => {
    const pom = await readFile(join(ROOT, "pom.xml"), "utf8");
    const version = /<artifactId>agent-session-store<\/artifactId>\s*<version>(.*?)<\/version>/.exec(pom)![1]!;
    assert.equal(JSON.parse(await read("package.json")).version, version.replace("-SNAPSHOT", "-dev.0"));
  });

  test("needs nothing but a fetch: no package, and nothing that Node alone has", async () => {
    assert.equal(JSON.parse(await read("package.json")).dependencies, undefined);
    const adapters = ["openai-agents.ts", "langchain.ts", "ai-sdk.ts"];
    for (const file of (await readdir(join(PACKAGE, "src"))).filter((name) => !adapters.includes(name))) {
      const text = await read("src", file);
      assert.deepEqual(text.match(/from "(?!\.\/)[^"]*"|\bBuffer\b|\brequire\(/g), null, file);
    }
  });

  test("has what it says when it is packed", async () => {
    const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: PACKAGE });
    const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    const { exports } = JSON.parse(await read("package.json")) as { exports: Record<string, Record<string, string>> };
    for (const file of ["README.md", "LICENSE", "package.json", ...Object.values(exports).flatMap((entry) => Object.values(entry))]) {
      assert.ok(paths.includes(file.replace("./", "")), file);
    }
    assert.deepEqual(paths.filter((path) => !/^(build\/src|src)\/|^(README\.md|LICENSE|package\.json)$/.test(path)), []);
  });

  test("names no registry in its lock file", async () => {
    assert.ok(!(await read("package-lock.json")).includes('"resolved"'));
  });
});
