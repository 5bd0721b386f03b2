// What goes wrong in the world, against the built binary: power cuts under load, upstreams that
// misbehave, clients that leave, garbage on every public route, a second server on the same folder.
//
//   E2E_KILLS=50    how many power cuts (ten by default, to keep the whole run short)

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { LIMITS, dataFolder, ledgerVerify, proofVerify } from './lib/deployment.mjs';
import { eventually, freePort, pause, run, start, temporaryFolder, upstreamConfig } from './lib/start.mjs';
import { startUpstream } from './lib/upstream.mjs';

const KILLS = Number(process.env.E2E_KILLS ?? 10);
const MODEL = 'mock-chat';

/** A request body whose last message asks the mock upstream for a scenario. */
function ask(scenario, more = {}) {
  return { model: MODEL, messages: [{ role: 'user', content: `[[${scenario}]] Tell me about the harbour.` }], ...more };
}

/** Reads a stream to its end, whatever the end is. */
async function readAll(response) {
  let text = '';
  let error;
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
  } catch (caught) {
    error = caught;
  }
  return { text, error };
}

/** The JSON values of the `data:` lines, without `[DONE]`. */
function events(text) {
  return text.split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)));
}

function assertNoPanic(server) {
  assert.ok(server.isRunning, `the server ended:\n${server.output.slice(-2_000)}`);
  assert.doesNotMatch(server.output, /panicked at/, 'a panic in the log');
}

describe('power cuts', () => {
  test(`${KILLS} times kill -9 under streaming load lose no begun entry`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
    const upstream = await startUpstream();
    const folder = await temporaryFolder();
    const config = upstreamConfig(upstream.url);
    const seen = new Set();
    let server;
    try {
      server = await start({ folder, config });
      const { key, logKey } = server;
      for (let round = 0; round < KILLS; round += 1) {
        const deadline = pause(30 + ((round * 137) % 600));
        const given = new AbortController();
        const clients = Array.from({ length: 12 }, (_, n) => stayStreaming(server, key, seen, n, given.signal));
        await deadline;
        await server.kill();
        // What the kernel had received still arrives; a client whose connection was never accepted would wait for ever.
        await Promise.race([Promise.all(clients), pause(500)]);
        given.abort();
        await Promise.all(clients);
        server = await start({ folder, config });
        server.facts.key ??= key;
        assert.equal(server.logKey, logKey, 'the log key changed');
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
          const verified = await proofVerify(file, logKey);
          assert.equal(verified.code, 0, verified.stdout + verified.stderr);
          checked += 1;
        }
      }
      assertNoPanic(server);
      await server.stop();
      const log = await ledgerVerify(folder, logKey);
      assert.equal(log.code, 0, log.stdout + log.stderr);
    } finally {
      await server?.stop();
      await upstream.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Asks for one answer after another until the connection breaks; notes every produce id that arrived. */
async function stayStreaming(server, key, seen, n, signal) {
  for (;;) {
    try {
      const response = await server.post('/v1/chat/completions', ask(n % 3 === 0 ? 'plain' : 'slow', { stream: n % 2 === 0 || n % 3 !== 0 }), {
        headers: { authorization: `Bearer ${key}` }, signal,
      });
      const produceId = response.headers.get('x-cinnabar-produce-id');
      if (produceId) seen.add(produceId);
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

  const ROUTES = [
    '/', '/chat', '/chat/stream', '/verify', '/rules', '/agreement', '/cases', '/cases/new', '/cases/X', '/cases/X/withdraw', '/appeals',
    '/appeals/x', '/sign-in', '/sign-out', '/invitations/x', '/console', '/console/cases/x', '/console/cases/x/decide', '/console/subjects',
    '/console/decisions', '/console/ledger', '/console/keys', '/console/tasks', '/v1/chat/completions', '/v1/models', '/v1/models/x',
    '/v1/moderations', '/v1/nothing', '/api/v1/verify', '/api/v1/cases', '/api/v1/cases/X/status', '/api/v1/agreement',
    '/api/v1/end-users/identity', '/api/v1/end-users/agreement', '/api/openapi.json', '/ledger/checkpoint', '/ledger/key',
    '/ledger/tile/0/000', '/ledger/tile/9999/x/%2e%2e/%2e%2e', '/ledger/proof/x', '/healthz', '/readyz', '/metrics', '/assets/x', '/nowhere',
  ];
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

  test('every public route answers garbage with a client error at worst', { timeout: 120_000 }, async () => {
    const wrong = [];
    for (const route of ROUTES) {
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

  test('a body over the limit is refused, and said so', async () => {
    const response = await server.post('/v1/chat/completions', Buffer.alloc(64 << 20, 0x20)).catch((error) => error);
    if (response.status !== undefined) assert.equal(response.status, 413);
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
      await new Promise((done) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(noise));
        socket.setTimeout(3_000, () => socket.destroy());
        socket.on('data', () => {}).on('error', () => {}).on('close', done);
      });
    }
    assert.equal((await server.fetch('/healthz')).status, 200);
    assertNoPanic(server);
  });
});

describe('the disk', () => {
  test('a locked database delays or refuses, and loses nothing', { timeout: 60_000 }, async (t) => {
    if (spawnSync('python3', ['-c', 'import sqlite3']).status !== 0) return t.skip('no python3 with sqlite3');
    const upstream = await startUpstream();
    const server = await start({ config: upstreamConfig(upstream.url) });
    try {
      const database = await databaseFile(server.folder);
      const script = 'import sqlite3,sys,time\nc=sqlite3.connect(sys.argv[1],timeout=10,isolation_level=None)\nc.execute("BEGIN IMMEDIATE")\nprint("locked",flush=True)\ntime.sleep(3)\nc.execute("ROLLBACK")';
      const locker = spawn('python3', ['-c', script, database], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(locker.stdout, 'data');
      const during = await server.post('/v1/chat/completions', ask('plain'));
      const text = await during.text();
      assert.ok([200, 503].includes(during.status), `${during.status} ${text.slice(0, 300)}`);
      if (locker.exitCode === null) await once(locker, 'exit');
      const afterwards = await server.post('/v1/chat/completions', ask('plain'));
      assert.equal(afterwards.status, 200, await afterwards.clone().text());
      assertNoPanic(server);
      for (const response of [during, afterwards].filter(({ status }) => status === 200)) {
        const produceId = response.headers.get('x-cinnabar-produce-id');
        await eventually(async () => (await server.fetch(`/ledger/proof/${produceId}`)).status === 200, { what: `a proof for ${produceId}` });
      }
    } finally {
      await server.stop();
      await upstream.close();
    }
  });

  test('a full disk refuses new answers and recovers', { timeout: 90_000 }, async (t) => {
    const folder = await temporaryFolder();
    const small = join(folder, 'small');
    await mkdir(small);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', small]).status !== 0) {
      await rm(folder, { recursive: true });
      return t.skip('mounting a small disk is not permitted here');
    }
    const upstream = await startUpstream();
    let server;
    try {
      server = await start({ folder: small, config: upstreamConfig(upstream.url) });
      const first = await server.post('/v1/chat/completions', ask('plain'));
      assert.equal(first.status, 200);
      spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'ballast')}`, 'bs=64k']);
      const statuses = new Set();
      for (let n = 0; n < 400 && !statuses.has(503); n += 1) {
        const response = await server.post('/v1/chat/completions', ask('plain'));
        await response.text();
        statuses.add(response.status);
      }
      assert.ok(statuses.has(503), `no refusal on a full disk: ${[...statuses]}`);
      assert.ok([...statuses].every((status) => [200, 503].includes(status)), `${[...statuses]}`);
      assertNoPanic(server);
      await rm(join(small, 'ballast'));
      await eventually(async () => (await server.post('/v1/chat/completions', ask('plain'))).status === 200, { what: 'an answer after room was made' });
      await server.stop();
      const log = await ledgerVerify(small, server.logKey);
      assert.equal(log.code, 0, log.stdout + log.stderr);
    } finally {
      await server?.stop();
      await upstream.close();
      spawnSync('umount', [small]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** The SQLite file of a deployment. */
async function databaseFile(folder) {
  const data = dataFolder(folder);
  const name = (await readdir(data)).find((file) => /\.(db|sqlite3?)$/.test(file));
  assert.ok(name, 'no database file');
  return join(data, name);
}

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
