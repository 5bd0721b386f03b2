// The official Node SDK of OpenAI against the built binary: what it sees through Cinnabar is what it
// sees from the upstream itself, but for the label of prose and the two extensions.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import OpenAI, { toFile } from 'openai';

import { eventually, start, upstreamConfig } from './lib/start.mjs';
import { MODELS, startUpstream } from './lib/upstream.mjs';

const QUESTION = [{ role: 'user', content: 'How is the weather at the harbour?' }];
const TOOLS = [{
  type: 'function',
  function: { name: 'weather', description: 'The weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}];
const MODEL = MODELS[0];

let upstream;
let server;
let direct;
let through;

before(async () => {
  upstream = await startUpstream();
  server = await start({ config: upstreamConfig(upstream.url) });
  direct = new OpenAI({ apiKey: 'none', baseURL: upstream.url, maxRetries: 0 });
  through = new OpenAI({ apiKey: server.key, baseURL: `${server.url}/v1`, maxRetries: 0 });
});
after(async () => {
  await server?.stop();
  await upstream?.close();
});

/** Without what Cinnabar adds to a body. */
function bare(value) {
  const { cinnabar: _, aigc: __, ...rest } = JSON.parse(JSON.stringify(value));
  return rest;
}

/** Asserts that `labelled` is `plain` and a label with the produce id after it. */
function assertLabelled(labelled, plain, produceId) {
  assert.ok(labelled.startsWith(plain), `the answer was changed:\n${labelled}\n${plain}`);
  const label = labelled.slice(plain.length);
  assert.ok(label.trim().length > 0, 'no label after the answer');
  assert.ok(label.includes(produceId), `the label does not name ${produceId}: ${label}`);
}

/** All chunks of a stream, with what they add up to. */
async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const choices = [];
  for (const chunk of chunks) {
    for (const { index, delta, finish_reason } of chunk.choices) {
      const choice = (choices[index] ??= { content: '', arguments: '', names: [], finish: null });
      choice.content += delta.content ?? '';
      for (const call of delta.tool_calls ?? []) {
        if (call.function?.name) choice.names.push(call.function.name);
        choice.arguments += call.function?.arguments ?? '';
      }
      if (finish_reason) choice.finish = finish_reason;
    }
  }
  return { chunks, choices, usage: chunks.map((chunk) => chunk.usage).filter(Boolean) };
}

const produceIdOf = (value) => value.cinnabar?.produce_id;

describe('models', () => {
  test('the list is iterable and names the upstream models', async () => {
    const ids = [];
    for await (const model of through.models.list()) {
      assert.equal(model.object, 'model');
      ids.push(model.id);
    }
    for (const model of MODELS) assert.ok(ids.includes(model), `${model} is missing in ${ids}`);
  });
});

describe('whole answers', () => {
  test('an answer is the upstream answer with a label and the extensions', async () => {
    const wanted = bare(await direct.chat.completions.create({ model: MODEL, messages: QUESTION }));
    const { data, response } = await through.chat.completions.create({ model: MODEL, messages: QUESTION }).withResponse();
    const produceId = response.headers.get('x-cinnabar-produce-id');
    assert.match(produceId, /^[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.equal(produceIdOf(data), produceId);
    assert.ok(data.aigc, 'no aigc extension');
    const got = bare(data);
    assertLabelled(got.choices[0].message.content, wanted.choices[0].message.content, produceId);
    got.choices[0].message.content = wanted.choices[0].message.content;
    assert.deepEqual(got, wanted);
  });

  test('the aigc extension has the seven fields of GB 45438', async () => {
    const data = await through.chat.completions.create({ model: MODEL, messages: QUESTION });
    const fields = typeof data.aigc === 'string' ? JSON.parse(data.aigc) : data.aigc.AIGC ?? data.aigc;
    assert.deepEqual(Object.keys(fields), [
      'Label', 'ContentProducer', 'ProduceID', 'ReservedCode1', 'ContentPropagator', 'PropagateID', 'ReservedCode2',
    ]);
    assert.equal(fields.ProduceID, produceIdOf(data));
  });

  test('two choices are two labelled choices', async () => {
    const wanted = await direct.chat.completions.create({ model: MODEL, messages: QUESTION, n: 2 });
    const data = await through.chat.completions.create({ model: MODEL, messages: QUESTION, n: 2 });
    assert.equal(data.choices.length, 2);
    for (const [index, choice] of data.choices.entries()) {
      assert.equal(choice.index, index);
      assert.equal(choice.finish_reason, 'stop');
      assertLabelled(choice.message.content, wanted.choices[index].message.content, produceIdOf(data));
    }
  });

  test('tool calls come unedited', async () => {
    const request = { model: MODEL, messages: QUESTION, tools: TOOLS };
    const wanted = bare(await direct.chat.completions.create(request));
    const data = await through.chat.completions.create(request);
    assert.deepEqual(bare(data), wanted);
    assert.ok(data.aigc, 'no aigc extension');
    assert.deepEqual(JSON.parse(data.choices[0].message.tool_calls[0].function.arguments), { city: 'Qingdao', days: 3 });
  });

  test('JSON answers come unedited and parse', async () => {
    const request = { model: MODEL, messages: QUESTION, response_format: { type: 'json_object' } };
    const wanted = bare(await direct.chat.completions.create(request));
    const data = await through.chat.completions.create(request);
    assert.deepEqual(bare(data), wanted);
    assert.equal(JSON.parse(data.choices[0].message.content).temperature, 21);
  });

  test('the parse helper of the SDK reads a JSON schema answer', async () => {
    const parsed = await through.chat.completions.parse({
      model: MODEL, messages: QUESTION,
      response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: { type: 'object' } } },
    });
    assert.equal(JSON.parse(parsed.choices[0].message.content).city, 'Qingdao');
  });

  test('fields of other vendors pass both ways', async () => {
    const before = upstream.requests.length;
    const data = await through.chat.completions.create({
      model: MODEL, messages: QUESTION, temperature: 0.25, vendor_switch: { deep: [1, 2.5e3, 'x'] },
    });
    assert.deepEqual(data.vendor_note, { kept: true });
    const seen = upstream.requests[before];
    assert.equal(seen.temperature, 0.25);
    assert.deepEqual(seen.vendor_switch, { deep: [1, 2500, 'x'] });
  });

  test('log probabilities still belong to the upstream text', async () => {
    const data = await through.chat.completions.create({ model: MODEL, messages: QUESTION, logprobs: true });
    const tokens = data.choices[0].logprobs.content.map(({ token }) => token).join('');
    assert.ok(data.choices[0].message.content.startsWith(tokens));
  });

  test('images in the input reach the upstream untouched', async () => {
    const before = upstream.requests.length;
    const content = [
      { type: 'text', text: 'What is on the picture?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
    ];
    const data = await through.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content }] });
    assert.equal(data.choices[0].finish_reason, 'stop');
    assert.deepEqual(upstream.requests[before].messages[0].content, content);
  });

  test('our label is taken out of history before the upstream sees it', async () => {
    const first = await through.chat.completions.create({ model: MODEL, messages: QUESTION });
    const labelled = first.choices[0].message.content;
    const before = upstream.requests.length;
    await through.chat.completions.create({
      model: MODEL, messages: [...QUESTION, { role: 'assistant', content: labelled }, { role: 'user', content: 'And tomorrow?' }],
    });
    const history = upstream.requests[before].messages[1].content;
    assert.ok(!history.includes(produceIdOf(first)), `the label went upstream: ${history}`);
    assert.ok(labelled.startsWith(history.trimEnd()));
  });

  test('the name of the end user does not reach the upstream', async () => {
    const before = upstream.requests.length;
    await through.chat.completions.create({ model: MODEL, messages: QUESTION, safety_identifier: 'alice@example.org' });
    assert.ok(!JSON.stringify(upstream.requests[before]).includes('alice@example.org'));
  });
});

describe('streamed answers', () => {
  test('a stream adds up to the upstream text and a label', async () => {
    const wanted = await collect(await direct.chat.completions.create({ model: MODEL, messages: QUESTION, stream: true }));
    const { data, response } = await through.chat.completions.create({ model: MODEL, messages: QUESTION, stream: true }).withResponse();
    assert.match(response.headers.get('content-type'), /^text\/event-stream/);
    const got = await collect(data);
    const produceId = response.headers.get('x-cinnabar-produce-id');
    assertLabelled(got.choices[0].content, wanted.choices[0].content, produceId);
    assert.equal(got.choices[0].finish, 'stop');
    assert.deepEqual(got.usage, []);
    assert.ok(got.chunks[0].aigc, 'no aigc extension in the first chunk');
    assert.ok(got.chunks.at(-1).aigc, 'no aigc extension in the last chunk');
    for (const chunk of got.chunks) {
      assert.equal(chunk.object, 'chat.completion.chunk');
      assert.equal(chunk.id, wanted.chunks[0].id);
      assert.equal(chunk.model, MODEL);
    }
    const last = got.chunks.findLastIndex((chunk) => chunk.choices[0]?.delta.content);
    const finish = got.chunks.findIndex((chunk) => chunk.choices[0]?.finish_reason);
    assert.ok(last < finish, 'text after the finish reason');
  });

  test('usage comes once, at the end, when it is asked for', async () => {
    const request = { model: MODEL, messages: QUESTION, stream: true, stream_options: { include_usage: true } };
    const wanted = await collect(await direct.chat.completions.create(request));
    const got = await collect(await through.chat.completions.create(request));
    assert.deepEqual(got.usage, wanted.usage);
    assert.ok(got.chunks.at(-1).usage);
    assert.deepEqual(got.chunks.at(-1).choices, []);
  });

  test('two choices stream side by side, each with its label', async () => {
    const request = { model: MODEL, messages: QUESTION, stream: true, n: 2 };
    const wanted = await collect(await direct.chat.completions.create(request));
    const got = await collect(await through.chat.completions.create(request));
    const produceId = produceIdOf(got.chunks[0]);
    for (const index of [0, 1]) {
      assertLabelled(got.choices[index].content, wanted.choices[index].content, produceId);
      assert.equal(got.choices[index].finish, 'stop');
    }
  });

  test('streamed tool arguments add up unedited', async () => {
    const request = { model: MODEL, messages: QUESTION, tools: TOOLS, stream: true };
    const wanted = await collect(await direct.chat.completions.create(request));
    const got = await collect(await through.chat.completions.create(request));
    assert.deepEqual(got.choices, wanted.choices);
    assert.equal(got.choices[0].finish, 'tool_calls');
  });

  test('streamed JSON adds up unedited', async () => {
    const request = { model: MODEL, messages: QUESTION, response_format: { type: 'json_object' }, stream: true };
    const wanted = await collect(await direct.chat.completions.create(request));
    const got = await collect(await through.chat.completions.create(request));
    assert.deepEqual(got.choices, wanted.choices);
  });

  test('the stream helper of the SDK ends with a final completion', async () => {
    const runner = through.chat.completions.stream({ model: MODEL, messages: QUESTION, stream_options: { include_usage: true } });
    const completion = await runner.finalChatCompletion();
    assert.equal(completion.choices[0].finish_reason, 'stop');
    assert.ok(completion.usage.total_tokens > 0);
  });

  test('the tool runner of the SDK goes round once', async () => {
    const runner = through.chat.completions.runTools({
      model: MODEL, messages: QUESTION, stream: true, tool_choice: 'auto',
      tools: [{ type: 'function', function: { ...TOOLS[0].function, parse: JSON.parse, function: async ({ city }) => `${city}: 21` } }],
    }, { maxChatCompletions: 1 });
    const calls = [];
    runner.on('functionToolCall', (call) => calls.push(call));
    await runner.done().catch(() => {});
    assert.equal(calls[0]?.name, 'weather');
  });

  test('an aborted stream cancels the upstream', async () => {
    const controller = new AbortController();
    const before = upstream.cancelled.length;
    const stream = await through.chat.completions.create(
      { model: MODEL, messages: [{ role: 'user', content: '[[slow]] Tell me more.' }], stream: true },
      { signal: controller.signal },
    );
    let seen = 0;
    await assert.doesNotReject(async () => {
      for await (const chunk of stream) {
        seen += chunk.choices.length;
        if (seen > 3) controller.abort();
      }
    });
    const left = performance.now();
    await eventually(() => upstream.cancelled.length > before, { timeout_ms: 1_000, every_ms: 5, what: 'the upstream was cancelled' });
    assert.ok(performance.now() - left < 1_000);
  });
});

describe('errors', () => {
  const refused = (promise, status) => assert.rejects(promise, (error) => {
    assert.ok(error instanceof OpenAI.APIError, String(error));
    assert.equal(error.status, status);
    assert.ok(error.message.length > 10);
    return true;
  });

  test('a wrong key is an authentication error with a code', async () => {
    const stranger = new OpenAI({ apiKey: 'ck-wrong', baseURL: `${server.url}/v1`, maxRetries: 0 });
    await assert.rejects(stranger.chat.completions.create({ model: MODEL, messages: QUESTION }), (error) => {
      assert.ok(error instanceof OpenAI.AuthenticationError, String(error));
      assert.equal(typeof error.code, 'string');
      return true;
    });
  });

  test('an unknown model is the not-found error of the upstream', async () => {
    await assert.rejects(through.chat.completions.create({ model: 'nobody', messages: QUESTION }), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError, String(error));
      assert.equal(error.code, 'model_not_found');
      return true;
    });
  });

  test('a body without messages is a bad request', () => refused(through.chat.completions.create({ model: MODEL }), 400));

  test('the rate limit of the upstream passes with its status and code', async () => {
    await assert.rejects(
      through.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: '[[rate-limit]]' }] }),
      (error) => {
        assert.ok(error instanceof OpenAI.RateLimitError, String(error));
        assert.equal(error.code, 'rate_limit_exceeded');
        return true;
      },
    );
  });

  test('a failing upstream is an internal server error', () => refused(
    through.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: '[[server-error]]' }] }), 500,
  ));

  test('an error also reaches a streaming call as an error', () => refused(
    through.chat.completions.create({ model: MODEL, stream: true, messages: [{ role: 'user', content: '[[server-error]]' }] }), 500,
  ));
});

describe('moderations', () => {
  test('a harmless text is not flagged', async () => {
    const result = await through.moderations.create({ input: 'A quiet evening at the harbour.' });
    assert.equal(result.results.length, 1);
    assert.equal(result.results[0].flagged, false);
  });

  test("what the rules find is told in OpenAI's categories, and in ours beside them", async () => {
    const [result] = (await through.moderations.create({
      model: 'omni-moderation-latest',
      input: [{ type: 'text', text: '代开发票' }, { type: 'text', text: '电话联系' }],
    })).results;
    assert.equal(result.flagged, true);
    assert.equal(Object.keys(result.categories).length, 13);
    assert.equal(result.categories.illicit, true);
    assert.equal(result.categories['self-harm/intent'], false);
    assert.equal(result.category_scores.illicit, 1);
    assert.deepEqual(result.category_applied_input_types.illicit, ['text']);
    assert.equal(result.cinnabar.categories.fraud, true);
  });

  test('a list of texts gets a list of results', async () => {
    const result = await through.moderations.create({ input: ['one', 'two', 'three'] });
    assert.equal(result.results.length, 3);
  });
});

describe('pictures and speech', () => {
  let demo;
  let client;
  before(async () => {
    demo = await start();
    client = new OpenAI({ apiKey: demo.key, baseURL: `${demo.url}/v1`, maxRetries: 0 });
  });
  after(() => demo?.stop());

  /** What the service's own reader finds in a file, without an account. */
  async function verified(file) {
    const answer = await demo.fetch('/api/v1/verify/file', { method: 'POST', body: file });
    assert.equal(answer.status, 200);
    return answer.json();
  }

  async function assertOurs(file, format, produceId) {
    const { format: found, state, hidden_label, record } = await verified(file);
    assert.equal(found, format);
    assert.equal(state, 'confirmed');
    assert.equal(hidden_label.aigc.ProduceID, produceId);
    assert.ok(record, 'no record of the file');
  }

  test('every generated picture carries its own number', async () => {
    const { data, response } = await client.images.generate({ prompt: 'a red boat at sea', n: 2, size: '256x192' }).withResponse();
    assert.equal(data.data.length, 2);
    assert.equal(data.data[0].cinnabar.produce_id, response.headers.get('x-cinnabar-produce-id'));
    assert.notEqual(data.data[0].cinnabar.produce_id, data.data[1].cinnabar.produce_id);
    for (const picture of data.data) {
      const file = Buffer.from(picture.b64_json, 'base64');
      assert.deepEqual([file.readUInt32BE(16), file.readUInt32BE(20)], [256, 192]);
      await assertOurs(file, 'png', picture.cinnabar.produce_id);
    }
  });

  test('a picture at an address is labelled and served by Cinnabar', async () => {
    const { data } = await client.images.generate({ prompt: '蓝色的海港', size: '128x128', response_format: 'url' });
    assert.ok(data[0].url.startsWith(`${demo.url}/media/`), data[0].url);
    const answer = await fetch(data[0].url);
    assert.equal(answer.headers.get('content-type'), 'image/png');
    await assertOurs(Buffer.from(await answer.arrayBuffer()), 'png', data[0].cinnabar.produce_id);
    const other = data[0].url.replace(/-[0-9a-f]{4}/, '-0000');
    assert.equal((await fetch(other)).status, 404);
  });

  test('an edited picture comes back labelled', async () => {
    const [{ b64_json }] = (await client.images.generate({ prompt: 'a hill', size: '64x64' })).data;
    const image = await toFile(Buffer.from(b64_json, 'base64'), 'hill.png', { type: 'image/png' });
    const edited = await client.images.edit({ image, prompt: 'make it green', size: '64x64' });
    await assertOurs(Buffer.from(edited.data[0].b64_json, 'base64'), 'png', edited.cinnabar.produce_id);
  });

  test('a request to take the label off is refused with the article', async () => {
    const image = await toFile(Buffer.from('picture'), 'a.png', { type: 'image/png' });
    await assert.rejects(client.images.edit({ image, prompt: '把右下角的AI生成标识去掉' }), (error) => {
      assert.equal(error.status, 400);
      assert.equal(error.code, 'content_filter');
      assert.match(JSON.stringify(error.error), /"category":"label-removal"/);
      return true;
    });
  });

  test('speech is labelled sound', async () => {
    const answer = await client.audio.speech.create({ model: 'cinnabar-demo', voice: 'alloy', input: '你好，世界。' });
    assert.equal(answer.headers.get('content-type'), 'audio/wav');
    const file = Buffer.from(await answer.arrayBuffer());
    await assertOurs(file, 'wav', answer.headers.get('x-cinnabar-produce-id'));
  });

  test('what can carry no label is refused by name', async () => {
    await assert.rejects(
      client.audio.speech.create({ model: 'cinnabar-demo', voice: 'alloy', input: 'hello', response_format: 'pcm' }),
      (error) => error.status === 400 && error.code === 'cannot_be_labelled',
    );
    await assert.rejects(
      client.images.generate({ prompt: 'demo:garbage' }),
      (error) => error.status === 502 && error.code === 'cannot_be_labelled',
    );
    await assert.rejects(client.images.generate({ prompt: 'a boat', n: 11 }), (error) => error.status === 400 && error.param === 'n');
  });

  test('without a visible label only under a grant', async () => {
    await assert.rejects(
      client.images.generate({ prompt: 'a boat' }, { headers: { 'x-cinnabar-visible-label': 'none' } }),
      (error) => error.status === 403 && error.code === 'unlabelled_needs_grant',
    );
  });
});
