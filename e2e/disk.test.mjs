// What goes wrong with the database's disk, against the built binary: another program locks the file, or the
// disk is full, first for answers and in the end for everything.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { ask, assertNoPanic, readAll } from './lib/answers.mjs';
import { databaseFile, ledgerVerify } from './lib/deployment.mjs';
import { eventually, start, temporaryFolder, upstreamConfig } from './lib/start.mjs';
import { startUpstream } from './lib/upstream.mjs';

/** A write waits 5 s for its turn and 5 s for a lock; a refusal must come soon after, however many wait. */
const REFUSED_WITHIN_MS = 15_000;

describe('a locked database', () => {
  test('requests wait for a lock, are refused past the wait, and nothing is lost', { timeout: 60_000 }, async (t) => {
    if (spawnSync('python3', ['-c', 'import sqlite3']).status !== 0) return t.skip('no python3 with sqlite3');
    const upstream = await startUpstream();
    const server = await start({ config: upstreamConfig(upstream.url) });
    try {
      const answered = [await chat(server)];
      assert.equal(answered[0].status, 200);

      // Released in time: the request waited.
      let lock = await lockDatabase(server.folder);
      const waiting = chat(server);
      await once(upstream, 'request');
      await lock.release();
      answered.push(await waiting);
      assert.equal(answered[1].status, 200, answered[1].text);

      // Held on: whole answers, streams and cases are refused, each after a bounded wait; what only reads works.
      lock = await lockDatabase(server.folder);
      t.after(() => lock.release());
      const began = performance.now();
      const refused = await Promise.all([
        chat(server), chat(server, { stream: true }), ...Array.from({ length: 5 }, () => complain(server, 'While the database is locked.')),
      ]);
      const took = performance.now() - began;
      assert.deepEqual(refused.map(({ status }) => status), Array.from(refused, () => 503), JSON.stringify(refused));
      assert.deepEqual(refused.slice(0, 2).map(({ text }) => JSON.parse(text).error.code), ['not_recorded', 'not_recorded']);
      assert.ok(took < REFUSED_WITHIN_MS, `${took} ms`);
      assert.equal((await server.fetch('/readyz')).status, 200);
      assert.equal((await server.fetch('/cases/new')).status, 200);
      await lock.release();

      answered.push(await chat(server));
      assert.equal(answered[2].status, 200, answered[2].text);
      assert.equal((await complain(server, 'After the lock.')).status, 201);
      for (const { produceId } of answered) {
        await eventually(async () => (await server.fetch(`/ledger/proof/${produceId}`)).status === 200, { what: `a proof for ${produceId}` });
      }
      assertNoPanic(server);
    } finally {
      await server.stop();
      await upstream.close();
    }
  });
});

describe('a full disk', () => {
  const RESERVE_BYTES = 8 << 20;

  test('refuses answers, takes cases from its reserve, says so, and recovers', { timeout: 120_000 }, async (t) => {
    const folder = await temporaryFolder();
    const small = join(folder, 'small');
    await mkdir(small);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', small]).status !== 0) {
      await rm(folder, { recursive: true });
      return t.skip('mounting a small disk is not permitted here');
    }
    const upstream = await startUpstream();
    const config = `${upstreamConfig(upstream.url)}[limits]\ndisk_reserve_bytes = ${RESERVE_BYTES}\n`;
    const fill = (name) => spawnSync('dd', ['if=/dev/zero', `of=${join(small, name)}`, 'bs=4k']);
    let server;
    try {
      server = await start({ folder: small, config });
      const { key, logKey } = server;
      assert.equal((await chat(server)).status, 200);
      const blocked = await server.post('/v1/chat/completions', { model: 'mock-chat', messages: [{ role: 'user', content: '朱砂测试违禁词' }] });
      const appealUrl = /https?:[^"\s\\]+\/appeals\/[^"\s\\]+/.exec(await blocked.text())?.[0];
      assert.ok(appealUrl, 'a block without an appeal link');
      assert.deepEqual(await disk(server), { ready: [200, 'ready\n'], full: 0, reserve: RESERVE_BYTES });

      // Answers meet the full disk first, and are refused from then on, before the provider is asked.
      fill('ballast');
      await eventually(async () => (await chat(server)).status === 503, { what: 'a refusal on a full disk', every_ms: 0 });
      const asked = upstream.requests.length;
      for (const more of [{}, { stream: true }, {}]) {
        const refused = await chat(server, more);
        assert.equal(refused.status, 503, refused.text);
        assert.equal(JSON.parse(refused.text).error.code, 'not_recorded');
      }
      assert.equal(upstream.requests.length, asked, 'the provider was asked in vain');
      const state = await disk(server);
      assert.equal(state.ready[0], 200);
      assert.match(state.ready[1], /cases only.*disk is full/);
      assert.equal(state.full, 1);

      // A complaint, a report and an appeal are taken, by page and by API, and can be looked up.
      const kept = [await fileOnPage(server, '/cases/new', { kind: 'complaint', text: 'The answer is wrong.' })];
      kept.push(await fileOnPage(server, new URL(appealUrl).pathname, { text: 'This was for teaching.' }));
      kept.push(await complain(server, 'Somebody spreads rumours.', 'report'));
      assert.equal(kept[2].status, 201, kept[2].text);
      await assertKept(server, kept);

      // Until the reserve is needed; a restart on the full disk changes nothing.
      await eventually(async () => {
        const filed = await complain(server, '投'.repeat(5_000));
        assert.equal(filed.status, 201, filed.text);
        kept.push(filed);
        return (await disk(server)).reserve === 0;
      }, { timeout_ms: 60_000, what: 'the reserve was given up', every_ms: 0 });
      await server.stop();
      server = await start({ folder: small, config });
      server.facts.key ??= key;
      assert.equal((await chat(server)).status, 503);
      kept.push(await complain(server, 'After the restart.'));
      assert.equal(kept.at(-1).status, 201, kept.at(-1).text);
      await assertKept(server, kept);

      // Somebody takes even that room: the page gives the text back, with a contact that does not need us.
      fill('more-ballast');
      await eventually(async () => {
        const filed = await complain(server, '投'.repeat(5_000));
        if (filed.status === 201) kept.push(filed);
        return filed.status === 503;
      }, { timeout_ms: 60_000, what: 'a complaint was refused', every_ms: 0 });
      const page = await postForm(server, '/cases/new', { kind: 'complaint', text: `Not saved. ${'投'.repeat(5_000)}` });
      const html = await page.text();
      assert.equal(page.status, 503);
      assert.match(html, /Nothing could be saved/);
      assert.match(html, /trial@cinnabar\.invalid directly\. That does not need this service/);
      assert.match(html, />Not saved\. 投/);
      assert.deepEqual((await disk(server)).ready, [503, 'the disk is full: nothing can be saved\n']);
      await assertKept(server, kept);
      assertNoPanic(server);

      // Room again: everything goes on by itself, and nothing that was taken is lost.
      await rm(join(small, 'ballast'));
      await rm(join(small, 'more-ballast'));
      await eventually(async () => (await chat(server)).status === 200, { what: 'an answer after room was made' });
      assert.deepEqual(await disk(server), { ready: [200, 'ready\n'], full: 0, reserve: RESERVE_BYTES });
      await assertKept(server, kept);
      assertNoPanic(server);
      await server.stop();
      const log = await ledgerVerify(small, logKey);
      assert.equal(log.code, 0, log.stdout + log.stderr);
    } finally {
      await server?.stop();
      await upstream.close();
      spawnSync('umount', [small]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Asks for an answer and reads it to its end. */
async function chat(server, more = {}) {
  const response = await server.post('/v1/chat/completions', ask('plain', more));
  const { text } = await readAll(response);
  return { status: response.status, text, produceId: response.headers.get('x-cinnabar-produce-id') };
}

/** Files a complaint or report through the API. */
async function complain(server, text, kind = 'complaint') {
  const response = await server.fetch('/api/v1/cases', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ kind, text }),
  });
  const body = await response.text();
  return { status: response.status, text: body, ...(response.status === 201 ? JSON.parse(body) : {}) };
}

function postForm(server, path, fields) {
  return server.fetch(path, { method: 'POST', headers: { 'accept-language': 'en' }, body: new URLSearchParams(fields) });
}

/** Files a case on a page, and gives number and code as its receipt's cookie holds them. */
async function fileOnPage(server, path, fields) {
  const response = await postForm(server, path, fields);
  assert.equal(response.status, 303, await response.text());
  const cookie = response.headers.get('set-cookie').split(';')[0];
  return { page: response.headers.get('location'), cookie };
}

/** Everybody who has a receipt finds their case. */
async function assertKept(server, receipts) {
  for (const { page, cookie, number, code } of receipts) {
    const response = page
      ? await server.fetch(page, { headers: { cookie } })
      : await server.fetch(`/api/v1/cases/${number}/status`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }),
      });
    assert.equal(response.status, 200, `${page ?? number}: ${await response.text()}`);
  }
}

/** What the server says of its disk. */
async function disk(server) {
  const ready = await server.fetch('/readyz');
  const metrics = await (await server.fetch('/metrics')).text();
  const figure = (name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)[1]);
  return { ready: [ready.status, await ready.text()], full: figure('cinnabar_disk_full'), reserve: figure('cinnabar_disk_reserve_bytes') };
}

/** Takes SQLite's write lock from another process, until `release` is called. */
async function lockDatabase(folder) {
  const script = 'import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],timeout=10,isolation_level=None)\nc.execute("BEGIN IMMEDIATE")\nprint("locked",flush=True)\nsys.stdin.read()\nc.execute("ROLLBACK")';
  const locker = spawn('python3', ['-c', script, databaseFile(folder)], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(locker.stdout, 'data');
  return {
    async release() {
      locker.stdin.end();
      if (locker.exitCode === null) await once(locker, 'exit');
    },
  };
}
