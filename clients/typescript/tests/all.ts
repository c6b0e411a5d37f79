// One process for all tests: they share the service, which takes longer to start than they take.
import "./start.js";

import "./event-stream.test.js";
import "./package.test.js";
import "./erasures.test.js";
import "./sessions.test.js";
import "./messages.test.js";
import "./connections.test.js";
import "./tail.test.js";
import "./event-source.test.js";
import "./draft.test.js";
import "./adapters/openai-agents.test.js";
import "./adapters/langchain.test.js";
import "./adapters/ai-sdk.test.js";
import "./browser.test.js";
import "./readme.test.js";
import { describeTheirEnd } from "./erasures.test.js";

describeTheirEnd();
