// What a newcomer does, points 1 to 6, as one recorded run in real Chromium. The pictures are in e2e/out,
// and with them newcomer.zip, the whole run for `npx playwright-core show-trace`.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import OpenAI from 'openai';

import { faults, launch, open, picture } from './lib/browser.mjs';
import { proofVerify } from './lib/deployment.mjs';
import { e2eFolder, eventually, start, upstreamConfig } from './lib/start.mjs';
import { startUpstream } from './lib/upstream.mjs';
import { ask, becomeOperator, fileAppeal, lastAnswer, openChat, pressExample, signIn } from './lib/visit.mjs';

describe('a newcomer', () => {
  let server;
  let browser;
  let page;
  let answer;
  let receipt;

  before(async () => {
    server = await start();
    browser = await launch();
    await mkdir(join(e2eFolder, 'out'), { recursive: true });
    page = await open(browser);
    await page.context().tracing.start({ screenshots: true, snapshots: true });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  });
  after(async () => {
    await page?.context().tracing.stop({ path: join(e2eFolder, 'out', 'newcomer.zip') });
    await browser?.close();
    await server?.stop();
  });

  test('1: the first command prints the addresses, a key and the link for the first operator', async () => {
    assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(server.key, /^ck-\S{16,}$/);
    assert.ok(server.invitation.startsWith(`${server.url}/invitations/`), server.invitation);
    assert.ok(server.reviewerInvitation.startsWith(`${server.url}/invitations/`), server.reviewerInvitation);
    assert.ok(server.logKey.length > 40, server.logKey);
    for (const path of ['/healthz', '/readyz', '/metrics', '/']) {
      assert.equal((await server.fetch(path)).status, 200, path);
    }
  });

  test('2: the chat says all the time that it is an AI, and the answer streams with its label under it', async () => {
    await page.goto(server.url);
    await picture(page, '1-home');
    await openChat(page, server.url);
    const notice = page.locator('.ai-notice');
    assert.ok(await notice.isVisible(), 'nothing says before the first message that this is an AI');
    await picture(page, '2-chat-empty');
    await page.fill('#message', 'What is a produce id?');
    const lengths = [];
    await page.exposeFunction('noteLength', (length) => lengths.push(length));
    await page.evaluate(() => {
      new MutationObserver(() => {
        const said = document.querySelector('.turn.model .said');
        if (said) window.noteLength(said.textContent.length);
      }).observe(document.querySelector('#turns'), { childList: true, subtree: true, characterData: true });
    });
    await page.click('#send');
    await page.locator('.turn.model .label-text').waitFor({ timeout: 30_000 });
    answer = await lastAnswer(page);
    assert.ok(new Set(lengths).size >= 5, `the answer came in ${new Set(lengths).size} steps`);
    assert.match(answer.text, /unique number/);
    assert.ok(answer.label.includes(answer.produceId), answer.label);
    assert.ok(await notice.isVisible(), 'the notice is gone during the talk');
    await picture(page, '3-chat-answer');
    assert.deepEqual(await faults(page), []);
  });

  test('3: the produce id and the copied text verify, with a proof that another machine can check', async () => {
    await page.locator('.turn.model .label button').last().click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(copied.includes(answer.text) && copied.includes(answer.produceId), copied);

    const proof = await eventually(async () => {
      const response = await server.fetch(`/ledger/proof/${answer.produceId}`);
      return response.status === 200 && Buffer.from(await response.arrayBuffer());
    }, { what: 'the inclusion proof' });

    for (const [name, query] of [['4-verify-id', answer.produceId], ['5-verify-text', copied]]) {
      await page.goto(`${server.url}/verify`);
      await page.fill('#query', query);
      await page.locator('form[action="/verify"]').getByRole('button').click();
      await page.locator('#result-title').waitFor();
      const said = await page.locator('main').innerText();
      assert.ok(said.includes(answer.produceId), said);
      assert.match(said, /cinnabar ledger verify/, 'no proof on the page');
      await picture(page, name);
      assert.deepEqual(await faults(page), []);
    }
    assert.ok(await page.locator('.callout.result.good').count(), 'the copied text is not confirmed');

    const elsewhere = await mkdtemp(join(tmpdir(), 'cinnabar-elsewhere-'));
    try {
      const file = join(elsewhere, 'file.tlog-proof');
      await writeFile(file, proof);
      const good = await proofVerify(file, server.logKey, elsewhere);
      assert.equal(good.code, 0, good.stdout + good.stderr);
      await writeFile(file, (await readFile(file, 'utf8')).replace(/^index \d+$/m, 'index 999999'));
      const bad = await proofVerify(file, server.logKey, elsewhere);
      assert.equal(bad.code, 1, 'a changed proof verifies');
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  test('4: a blocked prompt and a drifting answer lead to reasons, an appeal, a receipt and a decision', async () => {
    await openChat(page, server.url);
    await pressExample(page, 2);
    const refused = page.locator('.turn.person .callout.caution').last();
    await refused.waitFor();
    await picture(page, '6-prompt-blocked');
    assert.ok(await refused.locator('a').count(), 'no way to the reasons from a refused prompt');

    await openChat(page, server.url);
    await pressExample(page, 3);
    const stopped = page.locator('.turn.model .callout.caution').last();
    await stopped.waitFor();
    const shown = await page.locator('.turn.model .said').last().innerText();
    assert.ok(shown.length > 10, 'nothing of the answer was shown before it drifted');
    await picture(page, '7-answer-stopped');

    await stopped.locator('a').click();
    await page.waitForURL((url) => url.pathname.startsWith('/appeals/'));
    const statement = await page.locator('.statement').innerText();
    assert.match(statement, /lexicon\./, 'the statement does not name its rule');
    assert.deepEqual(await faults(page), []);
    await picture(page, '8-statement');
    receipt = await fileAppeal(page, 'This was a sample of the documentation and harms nobody.');
    await picture(page, '9-receipt');
    assert.deepEqual(await faults(page), []);

    const operator = await open(browser);
    try {
      await becomeOperator(operator, server.invitation);
      await picture(operator, '10-console');
      assert.deepEqual(await faults(operator), []);
      await operator.getByRole('link', { name: receipt.number }).click();
      await operator.locator('form[action$="/take"]').getByRole('button').click();
      await operator.locator('#reasons').waitFor();
      await picture(operator, '11-case');
      assert.deepEqual(await faults(operator), []);
      await operator.fill('#reasons', 'The phrase is a sample of our own documentation.');
      await operator.locator('button[name=outcome][value=upheld]').click();
      await operator.locator('.callout.result.good').waitFor();
      await picture(operator, '12-case-decided');

      const second = await operator.context().newPage();
      const again = await second.goto(server.invitation);
      assert.ok(again.status() >= 400, 'the one-time link works twice');
    } finally {
      await operator.context().close();
    }

    await page.goto(`${server.url}/cases/${receipt.number}`);
    await page.locator('.callout.result.good').waitFor();
    assert.match(await page.locator('main').innerText(), /sample of our own documentation/);
    await picture(page, '13-receipt-decided');
    assert.deepEqual(await faults(page), []);
  });

  test('4: another person cannot read the receipt without its code', async () => {
    const stranger = await open(browser);
    try {
      await stranger.goto(`${server.url}/cases/${receipt.number}`);
      assert.doesNotMatch(await stranger.locator('main').innerText(), /harms nobody/);
      await stranger.goto(`${server.url}/cases`);
      await stranger.fill('#number', receipt.number);
      await stranger.fill('#code', receipt.code);
      await stranger.locator('main form').getByRole('button').click();
      await stranger.locator('#case-code').waitFor();
      assert.match(await stranger.locator('main').innerText(), /harms nobody/);
    } finally {
      await stranger.context().close();
    }
  });

  test('4: what an upheld appeal released is asked again and passes', async () => {
    await openChat(page, server.url);
    await pressExample(page, 2);
    const href = await page.locator('.turn.person .callout.caution a').last().getAttribute('href');
    await page.goto(new URL(href, server.url).href);
    const { number } = await fileAppeal(page, 'A sample phrase, please.');
    const operator = await open(browser);
    try {
      await signIn(operator, server.url);
      await operator.getByRole('link', { name: number }).click();
      await operator.locator('form[action$="/take"]').getByRole('button').click();
      await operator.fill('#reasons', 'It is the sample phrase of the documentation.');
      await operator.locator('button[name=outcome][value=upheld]').click();
      await operator.locator('.callout.result.good').waitFor();
    } finally {
      await operator.context().close();
    }
    await openChat(page, server.url);
    await pressExample(page, 2);
    await page.locator('.turn.model .label-text').waitFor({ timeout: 20_000 });
    assert.equal(await page.locator('.callout.caution').count(), 0, 'the released prompt is refused again');
  });

  test('4: an appeal against a person\'s decision is for somebody else: the second operator link shows it', async () => {
    const person = await open(browser);
    const first = await open(browser);
    const second = await open(browser);
    try {
      await openChat(person, server.url);
      await signIn(first, server.url);
      await first.goto(`${server.url}/console/subjects`);
      const card = first.locator('article.subject', { hasText: 'Trial person' }).last();
      await card.locator('summary', { hasText: 'Suspend' }).click();
      await card.locator('textarea[name=reasons]').fill('A demonstration of what a suspension does.');
      await card.locator('form[action$="/suspend"]').getByRole('button').click();
      await first.locator('.callout.caution').first().waitFor();

      await person.goto(`${server.url}/chat`);
      await person.locator('.callout.caution a').click();
      await person.waitForURL((url) => url.pathname.startsWith('/appeals/'));
      const { number } = await fileAppeal(person, 'I only tried it out.');

      await first.goto(`${server.url}/console`);
      await first.getByRole('link', { name: number }).click();
      assert.equal(await first.locator('form[action$="/take"]').count(), 0, 'the first reviewer may take the appeal');
      assert.match(await first.locator('main').innerText(), /second operator link/);
      await picture(first, '13-own-decision');
      assert.deepEqual(await faults(first), []);

      await becomeOperator(second, server.reviewerInvitation, 'second');
      await second.getByRole('link', { name: number }).click();
      await second.locator('form[action$="/take"]').getByRole('button').click();
      await second.fill('#reasons', 'The demonstration is over.');
      await second.locator('button[name=outcome][value=upheld]').click();
      await second.locator('.callout.result.good').waitFor();
      await openChat(person, server.url);
      await ask(person, 'Am I back?');
    } finally {
      for (const page of [person, first, second]) await page.context().close();
    }
  });

  test('5: the official SDK talks to it, streaming and not', async () => {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key });
    const [model] = (await client.models.list()).data;
    const messages = [{ role: 'user', content: 'Which SDKs work?' }];
    const whole = await client.chat.completions.create({ model: model.id, messages });
    assert.match(whole.choices[0].message.content, /SDK/);
    let streamed = '';
    for await (const chunk of await client.chat.completions.create({ model: model.id, messages, stream: true })) {
      streamed += chunk.choices[0]?.delta.content ?? '';
    }
    assert.equal(streamed.slice(0, 60), whole.choices[0].message.content.slice(0, 60));
  });

  test('6: two lines of cinnabar.toml put it in front of another endpoint', async () => {
    const upstream = await startUpstream();
    const config = upstreamConfig(upstream.url);
    assert.equal(config.trim().split('\n').length, 3, 'a heading and two lines');
    const fronted = await start({ config });
    const other = await open(browser);
    try {
      await openChat(other, fronted.url);
      const { text } = await ask(other, 'Hello');
      assert.match(text, /harbour wall/);
      await picture(other, '14-own-endpoint');
      assert.deepEqual(other.complaints, []);
    } finally {
      await other.context().close();
      await fronted.stop();
      await upstream.close();
    }
  });
});
