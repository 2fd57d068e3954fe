// A scripted model behind the OpenAI completions API (server-sent events), on loopback: it answers by rule and remembers what it was asked.
import { createServer } from "node:http";

export const MODEL_KEY = "scripted-model-key";
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
const KEPT_REQUESTS = 1_000;

const textOf = (content) =>
  typeof content === "string"
    ? content
    : (content ?? []).map((part) => (part.type === "text" ? part.text : "")).join("\n");

/**
 * Starts the model. `answer(request)` returns `{ text }`, `{ toolCalls: [{ name, arguments }] }`, or a promise of one;
 * `request` has `userText` (the person's turn, wrapped in what the host adds), `userTexts` (all user messages, oldest
 * first), `toolResults` (those since that turn), `tools` (names), `messages` and `raw`. The host puts a context block
 * of its own behind the person's words as the last user message; `userText` passes it over.
 */
export async function startModel({ answer }) {
  const requests = [];
  const waiting = new Set();
  const server = createServer((request, response) => {
    void serve(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: String(error?.message ?? error) } }));
    });
  });
  async function serve(request, response) {
    if (request.method !== "POST" || !request.url.endsWith("/chat/completions")) {
      response.writeHead(404, { "content-type": "application/json" });
      return response.end('{"error":{"message":"this model serves /chat/completions"}}');
    }
    const asked = understand(JSON.parse(await body(request)));
    requests.push(asked);
    if (requests.length > KEPT_REQUESTS) requests.shift();
    for (const waiter of [...waiting]) waiter(asked);
    const reply = await answer(asked);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    for (const chunk of chunks(reply, asked.raw.model)) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end("data: [DONE]\n\n");
  }
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    /** Calls `listener` with every request from now on; returns the way to stop that. */
    onRequest(listener) {
      waiting.add(listener);
      return () => waiting.delete(listener);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function body(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MAX_REQUEST_BYTES) throw new Error("the request is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function understand(raw) {
  const messages = raw.messages ?? [];
  const asked = messages.findLastIndex((message) => message.role === "user" && !isHostContext(textOf(message.content)));
  return {
    raw,
    messages,
    userText: asked < 0 ? "" : textOf(messages[asked].content),
    userTexts: messages.filter((message) => message.role === "user").map((message) => textOf(message.content)),
    toolResults: messages
      .filter((message, i) => message.role === "tool" && i > asked)
      .map((message) => textOf(message.content)),
    tools: (raw.tools ?? []).map((tool) => tool.function?.name ?? tool.name),
  };
}

const isHostContext = (text) => text.trimStart().startsWith("<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>");

function* chunks({ text, toolCalls }, model) {
  const head = { id: "chatcmpl-scripted", object: "chat.completion.chunk", created: 0, model };
  /** @type {(delta: object, finish_reason?: string | null, extra?: object) => object} */
  const chunk = (delta, finish_reason = null, extra = {}) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
    ...extra,
  });
  if (toolCalls) {
    const tool_calls = toolCalls.map((call, index) => ({
      index,
      id: `call_${index + 1}`,
      type: "function",
      function: { name: call.name, arguments: JSON.stringify(call.arguments ?? {}) },
    }));
    yield chunk({ role: "assistant", tool_calls });
  } else {
    yield chunk({ role: "assistant", content: text });
  }
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  yield chunk({}, toolCalls ? "tool_calls" : "stop", { usage });
}
