// What the tests know about a deployment on disk and about the command line, in one place.

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
