// A picture and a sound that were generated here are known in the browser: on a phone, without JavaScript, after a platform
// passed them on, and after somebody changed them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { faults, launch, open, picture } from './lib/browser.mjs';
import { start } from './lib/start.mjs';

let browser;
let server;
let png;
before(async () => {
  [browser, server] = await Promise.all([launch(), start()]);
  const made = await server.post('/v1/images/generations', { model: 'cinnabar-demo', prompt: '月光下的山', size: '1024x1024' });
  png = Buffer.from((await made.json()).data[0].b64_json, 'base64');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What the page says of a file. */
async function look(page, name, buffer, { declared = false } = {}) {
  await page.goto(`${server.url}/verify`);
  await page.setInputFiles('#file', { name, mimeType: 'application/octet-stream', buffer });
  if (declared) await page.check('#declared');
  await page.locator('form[action="/verify/file"] button').click();
  await page.locator('#result-title').waitFor();
  return page.locator('main').innerText();
}

describe('a file at /verify', () => {
  for (const options of [{ locale: 'zh-CN', javaScriptEnabled: false, viewport: { width: 360, height: 740 }, isMobile: true }, { locale: 'en', colorScheme: 'dark' }]) {
    test(`is known to the byte, in ${options.locale}`, { timeout: 60_000 }, async () => {
      const page = await open(browser, options);
      const said = await look(page, 'poster.png', png);
      assert.match(said, options.locale === 'en' ? /Exactly this file was generated here/ : /与交付时逐字节一致/);
      assert.match(said, /XMP/);
      await picture(page, `verify-file-${options.locale}`);
      if (options.javaScriptEnabled !== false) assert.deepEqual(await faults(page), []);
      await page.context().close();
    });
  }

  test('says what a platform passed on, what was changed, and what shows no sign', { timeout: 60_000 }, async () => {
    const page = await open(browser);
    const passed = await server.fetch('/api/v1/propagate?propagate_id=post-7', { method: 'POST', body: png, headers: { authorization: `Bearer ${server.key}` } });
    assert.equal(passed.status, 200);
    const labelled = Buffer.from(await passed.arrayBuffer());
    assert.match(await look(page, 'passed.png', labelled), /"PropagateID":"post-7"/);
    assert.match(await look(page, 'passed.png', labelled), /not it to the byte/);

    assert.match(await look(page, 'cut.png', png.subarray(0, 2000)), /Nothing can be said about this file/);
    assert.match(await look(page, 'note.txt', Buffer.from('hello')), /No sign of generation/);
    assert.match(await look(page, 'note.txt', Buffer.from('hello'), { declared: true }), /may have been generated/);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test('is known as a sound too', async () => {
    const spoken = await server.post('/v1/audio/speech', { model: 'cinnabar-demo', voice: 'alloy', input: '你好。', response_format: 'wav' });
    assert.equal(spoken.status, 200, await spoken.clone().text().then((text) => text.slice(0, 200)));
    const page = await open(browser);
    assert.match(await look(page, 'speech.wav', Buffer.from(await spoken.arrayBuffer())), /Exactly this file was generated here/);
    await page.context().close();
  });
});
