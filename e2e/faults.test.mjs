// What goes wrong in the world, against the built binary: power cuts under load, upstreams that
// misbehave, clients that leave, garbage on every public route, a second server on the same folder.
//
//   E2E_KILLS=200    how many power cuts (fifty by default)

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { ask, assertNoPanic, events, readAll } from './lib/answers.mjs';
import { LIMITS, checkpointFile, ledgerVerify, logEntries, proofVerify } from './lib/deployment.mjs';
import { eventually, freePort, pause, repositoryFolder, run, start, temporaryFolder, upstreamConfig } from './lib/start.mjs';
import { startUpstream } from './lib/upstream.mjs';

const KILLS = Number(process.env.E2E_KILLS ?? 50);

describe('power cuts', () => {
  test(`${KILLS} times kill -9 under streaming load lose no begun entry`, { timeout: 60_000 + KILLS * 5_000 }, async () => {
    const upstream = await startUpstream();
    const folder = await temporaryFolder();
    const config = upstreamConfig(upstream.url, '[ledger]\npublish_ms = 100\n');
    const seen = new Set();
    let server;
    try {
      server = await start({ folder, config });
      const { key, logKey } = server;
      for (let round = 0; round < KILLS; round += 1) {
        const received = new Set();
        const given = new AbortController();
        const clients = Array.from({ length: 12 }, (_, n) => stayStreaming(server, key, received, n, given.signal));
        await pause(30 + ((round * 137) % 400));
        await server.kill();
        // What the kernel had received still arrives; a client whose connection was never accepted would wait for ever.
        await Promise.race([Promise.all(clients), pause(200)]);
        given.abort();
        await Promise.all(clients);
        // What was published at that moment is whole: a checkpoint never runs ahead of its tiles.
        if (existsSync(checkpointFile(folder))) assertVerified(await ledgerVerify(folder, logKey));
        server = await start({ folder, config });
        server.facts.key ??= key;
        assert.equal(server.logKey, logKey, 'the log key changed');
        await Promise.all([...received].map(async (produceId) => {
          const { generation } = await verify(server, produceId);
          assert.ok(generation?.begun_at, `round ${round}: ${produceId} was received, and nothing says that it began`);
          assert.ok(generation.ended_at, `round ${round}: ${produceId} was left open by the restart`);
          seen.add(produceId);
        }));
      }
      assert.ok(seen.size >= KILLS, `only ${seen.size} answers had begun in ${KILLS} rounds`);
      const folderOfProofs = join(folder, 'proofs');
      await mkdir(folderOfProofs);
      let checked = 0;
      for (const produceId of seen) {
        const proof = await eventually(async () => {
          const response = await server.fetch(`/ledger/proof/${produceId}`);
          return response.status === 200 ? Buffer.from(await response.arrayBuffer()) : undefined;
        }, { timeout_ms: 20_000, what: `a proof for ${produceId}` });
        // Each check starts a process: a sample of them verifies the mathematics, all of them exist.
        if (checked < 20) {
          const file = join(folderOfProofs, `${produceId}.tlog-proof`);
          await writeFile(file, proof);
          assertVerified(await proofVerify(file, logKey));
          checked += 1;
        }
      }
      assertNoPanic(server);
      await server.stop();
      assertVerified(await ledgerVerify(folder, logKey));
      // The public log says of itself that nothing is missing: whatever began has ended, and all that clients saw is in it.
      const counts = countEvents(await logEntries(folder));
      assert.ok(counts['generation.begun'] >= seen.size, `${JSON.stringify(counts)} for ${seen.size} answers`);
      assert.equal(counts['generation.ended'], counts['generation.begun']);
    } finally {
      await server?.stop();
      await upstream.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

function assertVerified({ code, stdout, stderr }) {
  assert.equal(code, 0, stdout + stderr);
}

/** What anybody is told about an answer. */
async function verify(server, produceId) {
  const response = await server.fetch('/api/v1/verify', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text: produceId }),
  });
  assert.equal(response.status, 200);
  return response.json();
}

/** How many entries there are of each event. */
function countEvents(entries) {
  const counts = {};
  for (const { event } of entries) counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}

/** Asks for one answer after another until the connection breaks; notes every produce id that arrived. */
async function stayStreaming(server, key, received, n, signal) {
  for (;;) {
    try {
      const response = await server.post('/v1/chat/completions', ask(n % 3 === 0 ? 'plain' : 'slow', { stream: n % 2 === 0 || n % 3 !== 0 }), {
        headers: { authorization: `Bearer ${key}` }, signal,
      });
      const produceId = response.headers.get('x-cinnabar-produce-id');
      if (produceId) received.add(produceId);
      const { error } = await readAll(response);
      if (error) return;
    } catch {
      return;
    }
  }
}

describe('one folder', () => {
  test('the second server refuses it, and the first goes on', async () => {
    const server = await start();
    try {
      await assert.rejects(start({ folder: server.folder, port: await freePort() }), (error) => {
        assert.notEqual(error.exit.code, 0);
        assert.doesNotMatch(error.output, /panicked at/);
        assert.match(error.output, /cinnabar-data|in use|another/i);
        return true;
      });
      assert.equal((await server.fetch('/healthz')).status, 200);
      assertNoPanic(server);
    } finally {
      await server.stop();
    }
  });

  test('an unknown configuration key refuses the start and is named', async () => {
    await assert.rejects(start({ config: 'bnid = "127.0.0.1:1"\n' }), (error) => {
      assert.equal(error.exit.code !== 0, true);
      assert.match(error.output, /bnid/);
      return true;
    });
  });

  test('a foreign address refuses the start in trial mode', async () => {
    await assert.rejects(start({ env: { CINNABAR_BIND: `0.0.0.0:${await freePort()}` } }), (error) => {
      assert.notEqual(error.exit.code, 0);
      return true;
    });
  });
});

describe('upstreams that misbehave', () => {
  let upstream;
  let server;
  before(async () => {
    upstream = await startUpstream();
    server = await start({ config: upstreamConfig(upstream.url, LIMITS) });
  });
  after(async () => {
    await server?.stop();
    await upstream?.close();
  });

  /** A whole request is refused with an OpenAI-shaped error of this status. */
  async function assertRefused(scenario, statuses) {
    const response = await server.post('/v1/chat/completions', ask(scenario));
    const text = await response.text();
    assert.ok(statuses.includes(response.status), `${scenario}: ${response.status} ${text.slice(0, 300)}`);
    const { error } = JSON.parse(text);
    assert.equal(typeof error.message, 'string');
    assert.equal(typeof error.type, 'string');
    assert.equal(typeof error.code, 'string', `${scenario} has no code`);
    assertNoPanic(server);
  }

  /** A stream that broke ends in a way that no client takes for a whole answer. */
  async function assertBroken(scenario) {
    const response = await server.post('/v1/chat/completions', ask(scenario, { stream: true }));
    if (response.status !== 200) {
      assert.equal(typeof (await response.json()).error.code, 'string');
      return;
    }
    const { text, error } = await readAll(response);
    const finishes = events(text).flatMap((event) => event.choices ?? []).map((choice) => choice.finish_reason).filter(Boolean);
    const says = events(text).some((event) => event.error);
    assert.ok(error || says || finishes.some((reason) => reason !== 'stop'), `${scenario} looks whole:\n${text.slice(-600)}`);
    assertNoPanic(server);
  }

  test('silence before the answer ends in a timeout', () => assertRefused('silent', [504, 502]));
  test('a reset before the answer is a bad gateway', () => assertRefused('reset-early', [502]));
  test('an answer that is no JSON is a bad gateway', () => assertRefused('not-json', [502]));
  test('an answer of 10 MB is delivered or refused, not truncated', async () => {
    const response = await server.post('/v1/chat/completions', ask('huge-body'));
    const text = await response.text();
    if (response.status === 200) assert.ok(JSON.parse(text).choices[0].message.content.length >= 10 << 20);
    else assert.equal(typeof JSON.parse(text).error.code, 'string');
    assertNoPanic(server);
  });
  for (const scenario of ['stall', 'reset', 'truncated', 'broken-sse', 'huge-line']) {
    test(`a stream with \`${scenario}\` ends as broken`, { timeout: 30_000 }, () => assertBroken(scenario));
  }

  test('what arrived before the break is labelled', async () => {
    const response = await server.post('/v1/chat/completions', ask('reset', { stream: true }));
    const produceId = response.headers.get('x-cinnabar-produce-id');
    const { text } = await readAll(response);
    const content = events(text).flatMap((event) => event.choices ?? []).map((choice) => choice.delta?.content ?? '').join('');
    assert.ok(content.startsWith('Once upon'), content);
    assert.ok(content.includes(produceId), `no label in: ${content}`);
  });

  test('an upstream that is not there is a bad gateway', async () => {
    const port = await freePort();
    const lonely = await start({ config: upstreamConfig(`http://127.0.0.1:${port}/v1`, LIMITS) });
    try {
      const response = await lonely.post('/v1/chat/completions', ask('plain'));
      assert.ok([502, 503].includes(response.status), String(response.status));
      assert.equal(typeof (await response.json()).error.code, 'string');
      assertNoPanic(lonely);
    } finally {
      await lonely.stop();
    }
  });

  test('memory stays bounded over many 10 MB lines', async () => {
    const before = await residentKilobytes(server.pid);
    for (let n = 0; n < 10; n += 1) await assertBroken('huge-line');
    const grown = (await residentKilobytes(server.pid)) - before;
    assert.ok(grown < 64 * 1024, `${grown} KB more after ten lines of 10 MB`);
  });

  for (const stream of [true, false]) {
    test(`a client that leaves ${stream ? 'a stream' : 'before a whole answer'} cancels the upstream within a second`, async () => {
      const controller = new AbortController();
      const before = upstream.cancelled.length;
      const arrived = once(upstream, 'request');
      const pending = server.post('/v1/chat/completions', ask('slow', { stream }), { signal: controller.signal });
      pending.catch(() => {});
      await arrived;
      if (stream) {
        const reader = (await pending).body.getReader();
        for (let n = 0; n < 3; n += 1) await reader.read();
      } else {
        await pause(100);
      }
      const left = performance.now();
      controller.abort();
      await eventually(() => upstream.cancelled.length > before, { timeout_ms: 1_500, every_ms: 5, what: 'the upstream was cancelled' });
      const waited = upstream.cancelled.at(-1).at - left;
      assert.ok(waited < 1_000, `${waited} ms`);
      assertNoPanic(server);
    });
  }
});

async function residentKilobytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]);
}

describe('garbage', () => {
  let server;
  before(async () => { server = await start(); });
  after(async () => { await server?.stop(); });

  /** The routes of the running server, as its source lists them, each with names that lead nowhere; and what no route is for. */
  async function routes() {
    const listed = [];
    for (const file of ['portal/src/routes.rs', 'api/src/lib.rs', 'gateway/src/routes.rs', 'server/src/health.rs']) {
      const source = await readFile(join(repositoryFolder, 'crates/apps', file), 'utf8');
      const found = [...source.matchAll(/^\s*\.?(?:route)?\("(\/[^"]*)", /gm)].map((match) => match[1]);
      assert.ok(found.length > 2, `${file} lists its routes in another way now`);
      listed.push(...found);
    }
    assert.ok(listed.length > 45, `only ${listed.length} routes were found`);
    const names = ['x', '0', '01KAR2YF8N2Q6ZT0M5B7WJ4C9D', '%2e%2e%2f%00'];
    const filled = listed.flatMap((route) => (route.includes('{') ? names.map((name) => route.replace(/\{[^}]*\}/g, name)) : [route]));
    return [...filled, '/ledger/tile/0/000', '/ledger/tile/9999/x/%2e%2e/%2e%2e', '/nowhere'];
  }

  const BODIES = [
    ['application/json', Buffer.from('{"model":"x","messages":[')],
    ['application/json', Buffer.from('['.repeat(100_000))],
    ['application/json', Buffer.from('{"model":{"a":1},"messages":"x","stream":"yes","n":-1e999}')],
    ['application/json', Buffer.from('{"messages":[{"role":"user","content":"\\ud800"}],"model":"x"}')],
    ['application/x-www-form-urlencoded', Buffer.from('%=%&&&=;%zz=%00&kind=%ff%fe&text=' + 'a'.repeat(50_000))],
    ['multipart/form-data; boundary=x', Buffer.from('--x\r\nContent-Disposition: form-data\r\n\r\n')],
    ['text/plain', Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 131) % 256))],
    ['', Buffer.alloc(0)],
  ];
  const QUERIES = ['', '?%', `?q=${'%F0%9F'.repeat(500)}`, '?a=1&a=2&lang=../../etc/passwd&after=%00'];

  /**
   * Asks up to three times: a server may refuse a body before it has read it and close the connection, while this
   * client still writes to it, or already reuses it.
   */
  async function knock(path, options) {
    let status;
    for (let n = 0; n < 3; n += 1) {
      try {
        const response = await server.fetch(path, options);
        await response.text();
        return response;
      } catch (error) {
        status = error.cause?.code ?? String(error);
        if (!['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET'].includes(status)) break;
      }
    }
    return { status };
  }

  test('every route answers garbage with a client error at worst', { timeout: 180_000 }, async () => {
    const wrong = [];
    for (const route of await routes()) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
        const bodies = method === 'GET' || method === 'OPTIONS' ? [undefined] : BODIES;
        for (const body of bodies) {
          for (const query of body && method !== 'POST' ? [''] : QUERIES) {
            for (const headers of [{}, { authorization: `Bearer ${server.key}`, cookie: 'session=%00; cinnabar=x; =; ;;' }]) {
              const response = await knock(route + query, {
                method, body: body?.[1], headers: { ...headers, ...(body?.[0] ? { 'content-type': body[0] } : {}) },
              });
              if (!(response.status < 500)) wrong.push(`${method} ${route}${query.slice(0, 20)} ${body?.[0] ?? ''}: ${response.status}`);
            }
          }
        }
      }
    }
    assertNoPanic(server);
    assert.deepEqual([...new Set(wrong)], []);
  });

  test('a body over the limit is refused from its head on', { timeout: 30_000 }, async () => {
    const { port } = new URL(server.url);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${server.key}\r\n`
      + `content-type: application/json\r\ncontent-length: ${64 << 20}\r\n\r\n`;
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(head);
    const [answer] = await once(socket, 'data');
    socket.destroy();
    assert.match(answer.toString(), /^HTTP\/1\.1 413 /);
    assertNoPanic(server);
  });

  test('bytes that are no HTTP end the connection only', { timeout: 30_000 }, async () => {
    const { port } = new URL(server.url);
    const noises = [
      Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc', 'latin1'),
      Buffer.from('GET / HTTP/9.9\r\n\r\n'),
      Buffer.from(`GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`),
      Buffer.from(`GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5_000)}\r\n`),
      Buffer.from('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
      Buffer.from('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef'),
      Buffer.from(Array.from({ length: 8192 }, (_, n) => (n * 197 + 13) % 256)),
    ];
    for (const noise of noises) {
      const ended = await new Promise((done) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(noise));
        socket.setTimeout(3_000, () => { done(false); socket.destroy(); });
        socket.on('data', () => {}).on('error', () => {}).on('close', () => done(true));
      });
      assert.ok(ended, `the connection stays open after ${noise.subarray(0, 40).toString('latin1')}`);
    }
    assert.equal((await server.fetch('/healthz')).status, 200);
    assertNoPanic(server);
  });
});

describe('shutdown', () => {
  test('a request under way is finished before the end', { timeout: 30_000 }, async () => {
    const upstream = await startUpstream();
    const server = await start({ config: upstreamConfig(upstream.url) });
    try {
      const arrived = once(upstream, 'request');
      const pending = server.post('/v1/chat/completions', ask('slow', { stream: true }));
      await arrived;
      const response = await pending;
      server.child.kill('SIGTERM');
      const { text, error } = await readAll(response);
      assert.equal(error, undefined);
      assert.ok(text.trimEnd().endsWith('data: [DONE]'), text.slice(-300));
      assert.equal((await server.exit).code, 0);
      assert.equal((await run(['--version'])).code, 0);
    } finally {
      await server.stop();
      await upstream.close();
    }
  });
});
