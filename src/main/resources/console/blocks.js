// What a message says, in the same few blocks whichever API of a model it comes from: OpenAI's chat and Responses,
// Anthropic's, Gemini's, AI SDK's. Anything that is not known is a block `other`, and is shown as JSON. The store takes any
// JSON in these places, so any of them may be of any shape.

import { parse } from "./json.js";

/**
 * The blocks of a message: {kind: "text", text}, {kind: "thinking", text}, {kind: "image", source},
 * {kind: "call", id, name, input}, {kind: "result", id, name, output} and {kind: "other", type, value}. Every text, source,
 * name and type is a string.
 */
export function blocksOf(message) {
  if (message.role === "tool" || message.role === "function" || message.tool_call_id) {
    return [{ kind: "result", id: message.tool_call_id, name: textOf(message.name),
      output: message.content ?? "" }];
  }
  const thought = message.reasoning_content ?? message.reasoning;
  return [
    ...(typeof thought === "string" && thought ? [{ kind: "thinking", text: thought }] : []),
    ...itemOf(message),
    ...blocksOfAll(message.content, partOf),
    ...blocksOfAll(message.parts, partOf),
    ...(typeof message.refusal === "string" ? [{ kind: "text", text: message.refusal }] : []),
    ...blocksOfAll(message.tool_calls, callOf),
    ...blocksOfAll(message.function_call && [message.function_call], callOf)
  ];
}

/** An item of OpenAI's Responses, which has a type in place of a role. */
function itemOf(message) {
  switch (message.type) {
    case "function_call": return [{ ...callOf(message), id: message.call_id }];
    case "function_call_output": return [{ kind: "result", id: message.call_id, name: "", output: message.output ?? "" }];
    case "reasoning": return blocksOfAll(message.summary, (part) => ({ kind: "thinking", text: textOf(part.text) }), "thinking");
    default: return [];
  }
}

/** The blocks of a list of objects; a string in its place, or in it, is a text of this kind. */
function blocksOfAll(list, blockOf, kind = "text") {
  return [list ?? []].flat().filter((each) => each !== undefined && each !== "").map((each) =>
    typeof each === "string" ? { kind, text: each } : isObject(each) ? blockOf(each) : other(each));
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}

function other(value) {
  return { kind: "other", type: textOf(value?.type), value };
}

/** A value where a text is expected. OpenAI's assistants have an object there, with the text as its value. */
export function textOf(value) {
  const text = value?.value ?? value ?? "";
  return typeof text === "string" ? text : readable(value);
}

function partOf(part) {
  switch (part.type) {
    case "text": case "input_text": case "output_text":
      return { kind: "text", text: textOf(part.text) };
    case "thinking": case "reasoning":
      return { kind: "thinking", text: textOf(part.thinking ?? part.text) };
    case "image": case "image_url": case "input_image":
      return { kind: "image", source: sourceOf(part) };
    case "tool_use": case "tool-call":
      return { kind: "call", id: part.id ?? part.toolCallId, name: textOf(part.name ?? part.toolName),
        input: part.input ?? part.args };
    case "tool_result": case "tool-result":
      return { kind: "result", id: part.tool_use_id ?? part.toolCallId, name: textOf(part.toolName),
        output: part.content ?? part.output ?? part.result ?? "" };
    case undefined:
      return geminiPartOf(part);
    default:
      return other(part);
  }
}

function geminiPartOf(part) {
  if (typeof part.text === "string") {
    return { kind: part.thought === true ? "thinking" : "text", text: part.text };
  }
  if (part.functionCall) {
    return { kind: "call", id: part.functionCall.id, name: textOf(part.functionCall.name), input: part.functionCall.args };
  }
  if (part.functionResponse) {
    return { kind: "result", id: part.functionResponse.id, name: textOf(part.functionResponse.name),
      output: part.functionResponse.response ?? "" };
  }
  return other(part);
}

function callOf(call) {
  const named = call.function ?? call;
  return { kind: "call", id: call.id, name: textOf(named.name), input: named.arguments ?? named.input };
}

function sourceOf({ image_url: url, image, source }) {
  const place = url?.url ?? url ?? image ?? source?.url ?? source?.data ?? source?.file_id ?? "";
  return typeof place === "string" ? place : JSON.stringify(place);
}

/** A value as people read it: JSON, also that which is inside a text, over several lines. */
export function readable(value) {
  if (typeof value !== "string") {
    return JSON.stringify(value, null, 2) ?? "";
  }
  try {
    const parsed = parse(value);
    return typeof parsed === "object" && parsed !== null ? JSON.stringify(parsed, null, 2) : value;
  } catch {
    return value;
  }
}
