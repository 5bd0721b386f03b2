// What the tests know about a deployment on disk and about the command line, in one place.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from './start.mjs';

/** Where trial mode keeps its data, seen from the folder it was started in. */
export const dataFolder = (folder) => join(folder, 'cinnabar-data');

/** Time limits short enough for a test. */
export const LIMITS = '[upstream.timeouts]\nconnect_ms = 1000\nfirst_byte_ms = 1500\nidle_ms = 1500\n';

/** Checks the whole published log of a deployment, with nothing but its public key. */
export const ledgerVerify = (folder, key) => run(['ledger', 'verify', '--log', join(dataFolder(folder), 'ledger'), '--key', key], { folder });

/** Checks one proof with nothing but the log's public key. */
export const proofVerify = (file, key, folder) => run(['ledger', 'verify', '--proof', file, '--key', key], { folder });

/** The published checkpoint. */
export const checkpointFile = (folder) => join(dataFolder(folder), 'ledger', 'checkpoint');

/** The SQLite file of a deployment. */
export const databaseFile = (folder) => join(dataFolder(folder), 'cinnabar.db');

/** Every entry of the published log, parsed: bundles of 256 and a rest, each entry behind its length in two bytes. */
export async function logEntries(folder) {
  const size = Number((await readFile(checkpointFile(folder), 'utf8')).split('\n')[1]);
  const entries = [];
  for (let bundle = 0; bundle * 256 < size; bundle += 1) {
    const digits = String(bundle).padStart(Math.ceil(String(bundle).length / 3) * 3, '0').match(/.{3}/g);
    const path = digits.map((part, n) => (n < digits.length - 1 ? `x${part}` : part)).join('/');
    const width = Math.min(256, size - bundle * 256);
    const file = join(dataFolder(folder), 'ledger', 'tile', 'entries', width < 256 ? `${path}.p/${width}` : path);
    const bytes = await readFile(file);
    for (let at = 0; at < bytes.length;) {
      const length = bytes.readUInt16BE(at);
      entries.push(JSON.parse(bytes.subarray(at + 2, at + 2 + length).toString('utf8')));
      at += 2 + length;
    }
  }
  return entries;
}
