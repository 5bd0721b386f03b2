// An OpenAI-compatible upstream for tests, which answers by what the request asks for and misbehaves
// when the last user message holds `[[scenario]]`. Run by itself it prints one JSON line with its URL.

import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

export const MODELS = ['mock-chat', 'mock-small'];
const CREATED = 1_760_000_000;
const WORDS = 'The harbour wall keeps the small boats safe while the wind turns north and the evening lamps are lit one by one.';

/** Starts one; `upstream.url` ends in `/v1`. */
export async function startUpstream({ port = 0 } = {}) {
  const upstream = new Upstream();
  upstream.server.listen(port, '127.0.0.1');
  await once(upstream.server, 'listening');
  upstream.url = `http://127.0.0.1:${upstream.server.address().port}/v1`;
  return upstream;
}

export class Upstream extends EventEmitter {
  /** Every request body that came, parsed. */
  requests = [];
  /** One `{ scenario, at }` for each answer whose client left before its end. */
  cancelled = [];

  constructor() {
    super();
    this.setMaxListeners(0);
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error) => response.destroy(error));
    });
    this.server.keepAliveTimeout = 60_000;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async answer(request, response) {
    response.on('error', () => {});
    if (request.url.endsWith('/models')) {
      return sendJson(response, 200, {
        object: 'list',
        data: MODELS.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'mock' })),
      });
    }
    if (!request.url.endsWith('/chat/completions')) return sendError(response, 404, 'unknown path', 'not_found');
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    let body;
    try {
      body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch {
      return sendError(response, 400, 'the body is not JSON', 'invalid_json');
    }
    const scenario = scenarioOf(body);
    this.requests.push(body);
    this.emit('request', scenario);
    response.on('close', () => {
      if (response.writableFinished) return;
      const event = { scenario, at: performance.now() };
      this.cancelled.push(event);
      this.emit('cancelled', event);
    });
    if (!MODELS.includes(body.model)) {
      return sendError(response, 404, `The model \`${body.model}\` does not exist`, 'model_not_found');
    }
    return (SCENARIOS[scenario] ?? SCENARIOS.plain)(body, response);
  }
}

/** The text between `[[` and `]]` of the last user message. */
function scenarioOf(body) {
  const last = (body.messages ?? []).filter((message) => message.role === 'user').at(-1);
  const text = typeof last?.content === 'string' ? last.content : (last?.content ?? []).map((part) => part.text ?? '').join(' ');
  return /\[\[([a-z0-9-]+)\]\]/.exec(text)?.[1] ?? 'plain';
}

const SCENARIOS = {
  plain: (body, response) => (body.stream ? streamAnswer(body, response) : sendJson(response, 200, wholeAnswer(body))),
  // Two hundred chunks, 20 ms apart: long enough to leave in the middle.
  slow: async (body, response) => {
    if (!body.stream) {
      await until(response, 4_000);
      return sendJson(response, 200, wholeAnswer(body));
    }
    return streamAnswer(body, response, { pieces: Array.from({ length: 200 }, (_, n) => `word${n} `), gap_ms: 20 });
  },
  silent: async (body, response) => { await until(response, 60_000); },
  stall: async (body, response) => {
    openStream(response);
    sendEvent(response, chunk(body, 0, { role: 'assistant', content: 'Once' }));
    await until(response, 60_000);
  },
  reset: async (body, response) => {
    openStream(response);
    sendEvent(response, chunk(body, 0, { role: 'assistant', content: 'Once upon' }));
    await until(response, 50);
    response.socket.resetAndDestroy();
  },
  'reset-early': async (body, response) => { response.socket.resetAndDestroy(); },
  truncated: async (body, response) => {
    openStream(response);
    sendEvent(response, chunk(body, 0, { role: 'assistant', content: 'Once upon' }));
    response.end();
  },
  'broken-sse': async (body, response) => {
    openStream(response);
    sendEvent(response, chunk(body, 0, { role: 'assistant', content: 'Once' }));
    response.write('data: {"id": "x", "choices": [{"index": 0, "delta": {"content": \n\n');
    response.write(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a, 0x0a]));
    response.end('data: [DONE]\n\n');
  },
  'not-json': async (body, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('<html>It works!</html>');
  },
  'huge-line': async (body, response) => {
    openStream(response);
    sendEvent(response, chunk(body, 0, { role: 'assistant', content: 'Once' }));
    response.write('data: {"id":"x","choices":[{"index":0,"delta":{"content":"');
    const block = 'a'.repeat(1 << 20);
    for (let sent = 0; sent < 10 && !response.destroyed; sent += 1) {
      if (!response.write(block)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end('"}}]}\n\ndata: [DONE]\n\n');
  },
  'huge-body': async (body, response) => {
    const whole = wholeAnswer(body);
    whole.choices[0].message.content = 'a '.repeat(5 << 20);
    sendJson(response, 200, whole);
  },
  'rate-limit': async (body, response) => {
    response.setHeader('retry-after', '7');
    sendError(response, 429, 'Rate limit reached for requests', 'rate_limit_exceeded', 'requests');
  },
  'server-error': async (body, response) => { sendError(response, 500, 'The server had an error', null, 'server_error'); },
};

/** Waits, but not longer than the client stays. */
async function until(response, duration_ms) {
  if (response.destroyed) return;
  const leaving = new AbortController();
  const left = () => leaving.abort();
  response.once('close', left);
  await new Promise((done) => {
    const timer = setTimeout(done, duration_ms);
    leaving.signal.addEventListener('abort', () => { clearTimeout(timer); done(); });
  });
  response.off('close', left);
}

/** What the model would say to this request, choice by choice. */
function messages(body) {
  const count = body.n ?? 1;
  return Array.from({ length: count }, (_, index) => {
    if (body.tools?.length && body.tool_choice !== 'none') {
      return {
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant', content: null, refusal: null,
          tool_calls: [{ id: `call_${index}`, type: 'function', function: { name: body.tools[0].function.name, arguments: '{"city":"Qingdao","days":3}' } }],
        },
      };
    }
    const isJson = ['json_object', 'json_schema'].includes(body.response_format?.type);
    const content = isJson ? '{"city":"Qingdao","temperature":21}' : `${index === 0 ? '' : `(${index}) `}${WORDS}`;
    return { finish_reason: 'stop', message: { role: 'assistant', content, refusal: null } };
  });
}

function usage(body) {
  const prompt_tokens = Math.ceil(JSON.stringify(body.messages ?? []).length / 4);
  const completion_tokens = 21 * (body.n ?? 1);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function tokenProbabilities(text) {
  return {
    content: text.match(/\S+\s*|\s+/g).map((token) => ({ token, logprob: -0.25, bytes: [...Buffer.from(token)], top_logprobs: [] })),
    refusal: null,
  };
}

function wholeAnswer(body) {
  return {
    id: 'chatcmpl-mock-0001', object: 'chat.completion', created: CREATED, model: body.model,
    choices: messages(body).map(({ message, finish_reason }, index) => ({
      index, message, finish_reason, logprobs: body.logprobs && message.content ? tokenProbabilities(message.content) : null,
    })),
    usage: usage(body), system_fingerprint: 'fp_mock', vendor_note: { kept: true },
  };
}

function chunk(body, index, delta, finish_reason = null, logprobs = null) {
  return {
    id: 'chatcmpl-mock-0001', object: 'chat.completion.chunk', created: CREATED, model: body.model,
    system_fingerprint: 'fp_mock', choices: [{ index, delta, logprobs, finish_reason }],
  };
}

/** Splits a text so that words are cut: a consumer may rely on no border. */
function cut(text) {
  return text.match(/[\s\S]{1,7}/g) ?? [];
}

async function streamAnswer(body, response, { pieces, gap_ms = 0 } = {}) {
  openStream(response);
  const all = messages(body);
  for (const [index, { message }] of all.entries()) {
    sendEvent(response, chunk(body, index, { role: 'assistant', content: message.tool_calls ? null : '', refusal: null }));
  }
  for (const [index, { message, finish_reason }] of all.entries()) {
    for (const delta of deltas(message, pieces)) {
      if (response.destroyed) return;
      const logprobs = body.logprobs && delta.content ? tokenProbabilities(delta.content) : null;
      sendEvent(response, chunk(body, index, delta, null, logprobs));
      if (gap_ms > 0) await until(response, gap_ms);
    }
    sendEvent(response, chunk(body, index, {}, finish_reason));
  }
  if (body.stream_options?.include_usage) {
    sendEvent(response, { ...chunk(body, 0, {}), choices: [], usage: usage(body) });
  }
  response.end('data: [DONE]\n\n');
}

function deltas(message, pieces) {
  const call = message.tool_calls?.[0];
  if (!call) return (pieces ?? cut(message.content)).map((content) => ({ content }));
  return [
    { tool_calls: [{ index: 0, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } }] },
    ...cut(call.function.arguments).map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
  ];
}

function openStream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.socket?.setNoDelay(true);
}

function sendEvent(response, event) {
  if (!response.destroyed) response.write(`data: ${JSON.stringify(event)}\n\n`);
}

function sendJson(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function sendError(response, status, message, code, type = 'invalid_request_error') {
  sendJson(response, status, { error: { message, type, param: null, code } });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const upstream = await startUpstream();
  console.log(JSON.stringify({ event: 'ready', url: upstream.url }));
}
