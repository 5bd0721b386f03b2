// Starts the built binary as a newcomer would: an empty folder, a free port, and what it prints.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const e2eFolder = resolve(dirname(fileURLToPath(import.meta.url)), '..');
export const repositoryFolder = resolve(e2eFolder, '..');

/** The binary under test: CINNABAR_BIN, else what `cargo build` leaves. */
export function binaryPath() {
  if (process.env.CINNABAR_BIN) return resolve(process.env.CINNABAR_BIN);
  const target = process.env.CARGO_TARGET_DIR ?? join(repositoryFolder, 'target');
  for (const profile of ['debug', 'release']) {
    const path = join(target, profile, 'cinnabar');
    if (existsSync(path)) return path;
  }
  throw new Error('no binary: run `cargo build` or set CINNABAR_BIN');
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The environment of a child: ours without any CINNABAR_ setting a developer may have. */
function cleanEnvironment(extra) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('CINNABAR_'));
  return { ...Object.fromEntries(kept), CINNABAR_PRINT: 'json', RUST_BACKTRACE: '1', ...extra };
}

/** Runs the binary to its end. */
export async function run(args, { folder, env = {}, input } = {}) {
  const child = spawn(binaryPath(), args, { cwd: folder, env: cleanEnvironment(env), stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; });
  // A command that does not read its input may be done before this is written; its exit code tells how it went.
  child.stdin.on('error', (error) => { if (error.code !== 'EPIPE') throw error; });
  child.stdin.end(input ?? '');
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}

export class Server {
  /** The lines of standard output and standard error, newest last; for messages of failing tests. */
  log = [];
  facts = {};

  constructor(folder, child, ownsFolder) {
    this.folder = folder;
    this.child = child;
    this.ownsFolder = ownsFolder;
    this.exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  get url() { return this.facts.url; }
  get key() { return this.facts.key; }
  get invitation() { return this.facts.operator_invitation; }
  get reviewerInvitation() { return this.facts.reviewer_invitation; }
  get logKey() { return this.facts.log_key; }
  get pid() { return this.child.pid; }
  get isRunning() { return this.child.exitCode === null && this.child.signalCode === null; }

  /** Everything it wrote, as one text. */
  get output() { return this.log.join('\n'); }

  fetch(path, options = {}) {
    return fetch(new URL(path, this.url), { redirect: 'manual', ...options });
  }

  /** A request to the model-facing surface, with the printed key. */
  post(path, body, options = {}) {
    return this.fetch(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...options,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.key}`, ...options.headers },
    });
  }

  /** Ends it as a power cut would. */
  async kill() {
    this.child.kill('SIGKILL');
    return this.exit;
  }

  /** Asks it to end, and insists after ten seconds. */
  async stop() {
    if (this.isRunning) {
      this.child.kill('SIGTERM');
      const insist = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
      await this.exit;
      clearTimeout(insist);
    }
    if (this.ownsFolder) await rm(this.folder, { recursive: true, force: true });
  }
}

/** A folder of its own for one deployment. */
export function temporaryFolder() {
  return mkdtemp(join(tmpdir(), 'cinnabar-e2e-'));
}

/**
 * Starts `cinnabar serve` and waits until it says that it is ready.
 *
 * `config` is the text of cinnabar.toml (none by default), `folder` a folder to start in (a fresh one
 * by default, removed by `stop`).
 */
export async function start({ folder, config, env = {}, args = [], port, timeout_ms = 30_000 } = {}) {
  const ownsFolder = folder === undefined;
  folder ??= await temporaryFolder();
  if (config !== undefined) await writeFile(join(folder, 'cinnabar.toml'), config);
  port ??= await freePort();
  const child = spawn(binaryPath(), ['serve', ...args], {
    cwd: folder,
    env: cleanEnvironment({ CINNABAR_BIND: `127.0.0.1:${port}`, ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = new Server(folder, child, ownsFolder);
  createInterface({ input: child.stderr }).on('line', (line) => remember(server, line));
  const ready = new Promise((done) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      remember(server, line);
      const fact = parseFact(line);
      if (!fact) return;
      Object.assign(server.facts, fact);
      if (fact.event === 'ready') done(true);
    });
  });
  let timer;
  const outcome = await Promise.race([
    ready,
    server.exit.then(({ code, signal }) => `it ended with ${signal ?? code}`),
    new Promise((done) => { timer = setTimeout(done, timeout_ms, `it was not ready after ${timeout_ms} ms`); }),
  ]);
  clearTimeout(timer);
  if (outcome !== true) {
    if (server.isRunning) await server.kill();
    const error = new Error(`cinnabar did not start: ${outcome}\n${server.output}`);
    error.output = server.output;
    error.exit = await server.exit;
    throw error;
  }
  return server;
}

/** A bounded memory: a server under garbage may write a lot. */
function remember(server, line) {
  server.log.push(line);
  if (server.log.length > 5_000) server.log.splice(0, 1_000);
}

function parseFact(line) {
  if (!line.startsWith('{')) return undefined;
  try {
    const fact = JSON.parse(line);
    return typeof fact.event === 'string' ? fact : undefined;
  } catch {
    return undefined;
  }
}

/** Waits until `condition` gives something true, and returns it. */
export async function eventually(condition, { timeout_ms = 10_000, what = 'the condition', every_ms = 50 } = {}) {
  const end = Date.now() + timeout_ms;
  let last;
  while (Date.now() < end) {
    try {
      const value = await condition();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await pause(every_ms);
  }
  throw new Error(`${what} did not come true within ${timeout_ms} ms`, { cause: last });
}

export function pause(duration_ms) {
  return new Promise((done) => { setTimeout(done, duration_ms); });
}

/** The two lines, under their heading, that put the service in front of another endpoint; `more` follows. */
export function upstreamConfig(url, more = '') {
  return `[upstream]\nbase_url = "${url}"\nmodels = ["mock-chat", "mock-small"]\n${more}`;
}
