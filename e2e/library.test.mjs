// The feature library as two operators keep it: without JavaScript, without a restart.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { faults, launch, open, picture } from './lib/browser.mjs';
import { eventually, start } from './lib/start.mjs';
import { becomeOperator, fileAppeal, openChat, pressExample } from './lib/visit.mjs';

describe('the feature library', () => {
  let server;
  let browser;
  /** Who proposes, and who approves: two operators, both without JavaScript. */
  let first;
  let second;

  before(async () => {
    server = await start();
    browser = await launch();
    first = await open(browser, { javaScriptEnabled: false });
    await becomeOperator(first, server.invitation, 'first');
    second = await open(browser, { javaScriptEnabled: false });
    await becomeOperator(second, server.reviewerInvitation, 'second');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const say = (content) => server.post('/v1/chat/completions', { messages: [{ role: 'user', content }] });

  /** The page with JavaScript, for the accessibility check, which needs it. */
  async function look(operator, name) {
    const page = await open(browser, { locale: 'zh-CN', storageState: await operator.context().storageState() });
    await page.goto(operator.url());
    const found = await faults(page);
    await picture(page, `library-${name}`);
    await page.context().close();
    assert.deepEqual(found, [], name);
  }

  /** Sends the form that waits on the page, and lets the other operator approve what came of it. */
  async function proposeAndApprove(reasons) {
    if (reasons) await first.fill('#reasons', reasons);
    await first.locator('button[value=propose], button[value=allow]').first().click();
    await first.waitForURL(/\/console\/lexicon\/proposals\/\w+$/);
    assert.equal(await first.locator('button[value=approve]').count(), 0, 'an own proposal can be approved');
    assert.match(await first.locator('main').innerText(), /another operator has to decide/);
    await second.goto(first.url());
    await second.fill('#reasons', 'It points at one thing.');
    await second.locator('button[value=approve]').click();
    await second.locator('.tag.good').first().waitFor();
  }

  test('a text is tried: marked, explained, masked, and not kept', async () => {
    await first.goto(`${server.url}/console/try`);
    await first.fill('#text', 'Call 13800138000 about cinnabar-test-blocked-phrase.');
    await first.locator('main form').getByRole('button').click();
    assert.deepEqual(await first.locator('mark').allInnerTexts(), ['13800138000', 'cinnabar-test-blocked-phrase']);
    assert.match(await first.locator('#result').innerText(), /Block/);
    assert.match(await first.locator('main tbody').innerText(), /A\.4\.f/);
    assert.equal((await first.locator('main blockquote').innerText()).trim(), 'Call 138****8000 about');
    assert.ok(!server.output.includes('13800138000'), 'what was tried is in the log');
  });

  test('a term that one proposed and the other approved blocks at once', { timeout: 60_000 }, async () => {
    assert.equal((await say('about unwanted-brand')).status, 200);
    await first.goto(`${server.url}/console/lexicon/new`);
    await first.fill('#term', 'unwanted-brand');
    await first.fill('#own-category', 'rivals');
    await first.selectOption('#measure', 'block');
    await first.fill('#sample', 'Buy the Unwanted-Brand now.');
    await first.locator('button[value=try]').click();
    assert.deepEqual(await first.locator('mark').allInnerTexts(), ['Unwanted-Brand']);
    await proposeAndApprove('It is a rival.');
    await look(second, 'proposal');
    assert.equal((await say('about unwanted-brand')).status, 400);
    const chat = await open(browser);
    await openChat(chat, server.url);
    await chat.fill('#message', 'about unwanted-brand');
    await chat.click('#send');
    await chat.locator('.turn.person .callout.caution').waitFor();
    await chat.context().close();
    await second.goto(`${server.url}/console/lexicon/versions?from=0&to=1`);
    assert.match(await second.locator('#diff').innerText(), /unwanted-brand/);
    await look(second, 'versions');
  });

  test('an import names the line that cannot be taken, and takes the others', { timeout: 60_000 }, async () => {
    await first.goto(`${server.url}/console/lexicon/import`);
    const lines = ['term,category,action,direction,note', 'imported-one,fraud,block,both,', 'imported-two,fruad,block,both,', 'imported-three,fraud,warn,output,'];
    await first.setInputFiles('#file', { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
    await first.locator('button[value=preview]').click();
    assert.match(await first.locator('[aria-labelledby=refused-caption] tbody').innerText(), /^3\s.*fruad/s);
    await first.fill('#reasons', 'From the complaints of November.');
    await picture(first, 'library-import');
    await first.locator('button[value=propose]').click();
    await first.locator('#leave-out-error').waitFor();
    await first.check('#leave-out');
    await proposeAndApprove();
    assert.equal((await say('imported-one')).status, 400);
    assert.equal((await say('imported-two')).status, 200);
  });

  test('an upheld appeal leads to an allowed phrase that lets the text pass', { timeout: 60_000 }, async () => {
    const person = await open(browser);
    await openChat(person, server.url);
    await pressExample(person, 2);
    await person.goto(new URL(await person.locator('.callout.caution a').last().getAttribute('href'), server.url).href);
    const { number } = await fileAppeal(person, 'This is harmless.');
    await person.context().close();
    await second.goto(`${server.url}/console`);
    await second.getByRole('link', { name: number }).click();
    await second.locator('form[action$="/take"]').getByRole('button').click();
    await second.fill('#reasons', 'It is harmless.');
    await second.locator('button[name=outcome][value=upheld]').click();
    await second.locator('.callout.result').waitFor();
    await first.goto(`${server.url}/console/lexicon/false-positives`);
    await look(first, 'false-positives');
    const hit = await first.locator('[name=phrase]').first().inputValue();
    assert.equal((await say(hit)).status, 400);
    await proposeAndApprove();
    assert.equal((await say(hit)).status, 200, `${hit} is still blocked`);
    await first.goto(`${server.url}/console/lexicon/false-positives`);
    assert.equal(await first.locator('[name=phrase]').count(), 0, 'the item is still open');
  });

  test('coverage shows the floors of the standard and what is missing', async () => {
    await first.goto(`${server.url}/console/lexicon/coverage`);
    const main = await first.locator('main').innerText();
    assert.match(main, /10000/);
    const row = async (code) => (await first.locator('#main tbody tr', { hasText: code }).first().innerText()).split(/\s+/);
    const core = await row('A.1.a');
    assert.deepEqual(core.slice(-3), ['0', '200', '200'], core.join(' '));
    assert.deepEqual((await row('A.2.a')).slice(-3), ['0', '100', '100']);
    await first.fill('#category', 'operator.rivals');
    await first.getByRole('checkbox', { name: /A\.1\.h/ }).check();
    await first.locator('main form button').click();
    assert.match(await first.locator('[aria-labelledby=own-caption]').innerText(), /A\.1\.h/);
    await look(first, 'coverage');
  });

  test('what was hit stands in the figures, as a drawing and as a table', { timeout: 60_000 }, async () => {
    await eventually(async () => {
      await first.goto(`${server.url}/console/safety?days=30`);
      return first.locator('svg.chart .piece').count();
    }, { what: 'the figures', timeout_ms: 40_000, every_ms: 1_000 });
    await first.locator('summary').click();
    assert.equal(await first.locator('[aria-labelledby=days-caption] tbody tr').count(), 30);
    await look(first, 'figures');
  });

  test('an earlier version runs in the shadow until it is stopped', async () => {
    await first.goto(`${server.url}/console/lexicon/shadow`);
    await first.selectOption('#candidate', 'version:1');
    await first.selectOption('#permille', '1000');
    await first.locator('button[value=start]').click();
    await first.locator('button[value=stop]').waitFor();
    assert.equal((await say('imported-one')).status, 400);
    await eventually(async () => {
      await first.goto(`${server.url}/console/lexicon/shadow`);
      return /would not have blocked/.test(await first.locator('main').innerText());
    }, { what: 'the difference', timeout_ms: 40_000, every_ms: 1_000 });
    await look(first, 'shadow');
    await first.locator('button[value=stop]').click();
    await first.locator('button[value=start]').waitFor();
  });
});
