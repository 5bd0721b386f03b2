// Asking the model-facing surface, and reading what comes back.

import assert from 'node:assert/strict';

export const MODEL = 'mock-chat';

/** A request body whose last message asks the mock upstream for a scenario. */
export function ask(scenario, more = {}) {
  return { model: MODEL, messages: [{ role: 'user', content: `[[${scenario}]] Tell me about the harbour.` }], ...more };
}

/** Reads a stream to its end, whatever the end is. */
export async function readAll(response) {
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
export function events(text) {
  return text.split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)));
}

/** The server runs, and never panicked. */
export function assertNoPanic(server) {
  assert.ok(server.isRunning, `the server ended:\n${server.output.slice(-2_000)}`);
  assert.doesNotMatch(server.output, /panicked at/, 'a panic in the log');
}
