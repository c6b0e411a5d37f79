// Writes src/openapi.ts, the types of what is sent and answered, from the service's openapi.yaml.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import openapiTS, { astToString } from "openapi-typescript";

const document = new URL("../../src/main/resources/openapi.yaml", import.meta.url);
const written = new URL("src/openapi.ts", import.meta.url);

// Schemas whose conditions ("a content, or a tool call, or …") no type can say: they would make it `unknown`.
const CONDITIONED = /\/(Message|NewMessage|HistoryMessage|NewTurn|NewErasure|DraftLine|SessionList|MessageList|MessagePage|FoundMessageList|AgentContextList|AgentSwitchList)$/;

export async function types() {
  const tree = await openapiTS(document, {
    transform(schema, { path }) {
      if (path && CONDITIONED.test(path)) {
        delete schema.anyOf;
        delete schema.oneOf;
        delete schema.allOf;
      }
      if (schema.type === "object" && !schema.properties && schema.additionalProperties === undefined) {
        schema.additionalProperties = true; // any object, not an empty one
      }
      return undefined;
    },
  });
  return `// Made by \`npm run types\` from openapi.yaml. Not to be changed by hand.\n${astToString(tree)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(written, await types());
}
