// What a message says, in the same few blocks whichever API of a model it comes from: OpenAI's chat and Responses,
// Anthropic's, Gemini's, AI SDK's. Anything that is not known is a block `other`, and is shown as JSON.

/**
 * The blocks of a message: {kind: "text", text}, {kind: "thinking", text}, {kind: "image", source},
 * {kind: "call", id, name, input}, {kind: "result", id, name, output} and {kind: "other", value}.
 */
export function blocksOf(message) {
  if (message.role === "tool" || message.role === "function" || message.tool_call_id) {
    return [{ kind: "result", id: message.tool_call_id, name: message.name, output: message.content ?? "" }];
  }
  const thought = message.reasoning_content ?? message.reasoning;
  return [
    ...(typeof thought === "string" && thought ? [{ kind: "thinking", text: thought }] : []),
    ...itemOf(message),
    ...contentOf(message.content),
    ...contentOf(message.parts),
    ...(typeof message.refusal === "string" ? [{ kind: "text", text: message.refusal }] : []),
    ...(message.tool_calls ?? []).map(callOf),
    ...(message.function_call ? [callOf(message.function_call)] : [])
  ];
}

/** An item of OpenAI's Responses, which has a type in place of a role. */
function itemOf(message) {
  switch (message.type) {
    case "function_call": return [{ ...callOf(message), id: message.call_id }];
    case "function_call_output": return [{ kind: "result", id: message.call_id, output: message.output ?? "" }];
    case "reasoning": return (message.summary ?? []).map((part) => ({ kind: "thinking", text: part.text ?? "" }));
    default: return [];
  }
}

function contentOf(content) {
  if (typeof content === "string") {
    return content ? [{ kind: "text", text: content }] : [];
  }
  return Array.isArray(content) ? content.map(partOf) : [];
}

function partOf(part) {
  switch (part.type) {
    case "text": case "input_text": case "output_text":
      return { kind: "text", text: String(part.text ?? "") };
    case "thinking": case "reasoning":
      return { kind: "thinking", text: String(part.thinking ?? part.text ?? "") };
    case "image": case "image_url": case "input_image":
      return { kind: "image", source: sourceOf(part) };
    case "tool_use": case "tool-call":
      return { kind: "call", id: part.id ?? part.toolCallId, name: part.name ?? part.toolName,
        input: part.input ?? part.args };
    case "tool_result": case "tool-result":
      return { kind: "result", id: part.tool_use_id ?? part.toolCallId, name: part.toolName,
        output: part.content ?? part.output ?? part.result ?? "" };
    case undefined:
      return geminiPartOf(part);
    default:
      return { kind: "other", value: part };
  }
}

function geminiPartOf(part) {
  if (typeof part.text === "string") {
    return { kind: part.thought === true ? "thinking" : "text", text: part.text };
  }
  if (part.functionCall) {
    return { kind: "call", id: part.functionCall.id, name: part.functionCall.name, input: part.functionCall.args };
  }
  if (part.functionResponse) {
    return { kind: "result", id: part.functionResponse.id, name: part.functionResponse.name,
      output: part.functionResponse.response ?? "" };
  }
  return { kind: "other", value: part };
}

function callOf(call) {
  const named = call.function ?? call;
  return { kind: "call", id: call.id, name: named.name, input: named.arguments ?? named.input };
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
    const parsed = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null ? JSON.stringify(parsed, null, 2) : value;
  } catch {
    return value;
  }
}
