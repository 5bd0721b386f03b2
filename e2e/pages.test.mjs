// Every page as people meet it: both languages, light and dark, accessible at WCAG 2.2 AA, from a phone to
// a desktop, by keyboard alone, and without JavaScript.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { faults, launch, open, picture } from './lib/browser.mjs';
import { start } from './lib/start.mjs';
import { ask, becomeOperator, fileAppeal, lastAnswer, openChat, pressExample, receipt, signIn } from './lib/visit.mjs';

let server;
let browser;
/** What was made before the pages are looked at, so that none of them is empty. */
const made = {};

before(async () => {
  server = await start();
  browser = await launch();
  const person = await open(browser);
  await openChat(person, server.url);
  made.answer = await ask(person, 'What is a produce id?');
  await pressExample(person, 2);
  made.appeal = await person.locator('.callout.caution a').last().getAttribute('href');
  await openChat(person, server.url);
  await pressExample(person, 3);
  const stopped = await person.locator('.callout.caution a').last().getAttribute('href');
  await person.goto(new URL(stopped, server.url).href);
  made.case = await fileAppeal(person, 'Please look at this again.');
  made.filed = new URL(stopped, server.url).pathname;
  made.person = await person.context().storageState();
  await person.context().close();

  const operator = await open(browser);
  await becomeOperator(operator, server.invitation);
  made.consoleCase = await operator.getByRole('link', { name: made.case.number }).getAttribute('href');
  await operator.goto(`${server.url}/console/decisions`);
  made.consoleDecision = await operator.locator('main tbody a').first().getAttribute('href');
  made.operator = await operator.context().storageState();
  await operator.context().close();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Every page: a name, an address, who looks at it, and the status it must have. */
function pages() {
  return [
    ['home', '/'],
    ['chat', '/chat', 'person'],
    ['chat-first', '/chat'],
    ['verify', '/verify'],
    ['verify-found', `/verify?id=${made.answer.produceId}`],
    ['verify-not-found', '/verify?id=01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['rules', '/rules'],
    ['agreement', '/agreement'],
    ['case-new', '/cases/new'],
    ['case-new-report', '/cases/new?kind=report'],
    ['case-code', '/cases'],
    ['case', `/cases/${made.case.number}`, 'person'],
    ['case-without-code', `/cases/${made.case.number}`],
    ['appeal', new URL(made.appeal, server.url).pathname],
    ['appeal-filed', made.filed],
    ['api-docs', '/api/docs'],
    ['sign-in', '/sign-in'],
    ['not-found', '/nowhere', undefined, 404],
    ['console', '/console', 'operator'],
    ['console-all', '/console?show=all', 'operator'],
    ['console-case', made.consoleCase, 'operator'],
    ['console-subjects', '/console/subjects', 'operator'],
    ['console-decisions', '/console/decisions', 'operator'],
    ['console-decision', made.consoleDecision, 'operator'],
    ['console-ledger', '/console/ledger', 'operator'],
    ['console-keys', '/console/keys', 'operator'],
    ['console-operators', '/console/operators', 'operator'],
    ['console-tasks', '/console/tasks', 'operator'],
    ['console-try', '/console/try', 'operator'],
    ['console-safety', '/console/safety', 'operator'],
    ['console-lexicon', '/console/lexicon', 'operator'],
    ['console-lexicon-new', '/console/lexicon/new', 'operator'],
    ['console-lexicon-term', `/console/lexicon/terms/${encodeURIComponent('朱砂测试违禁词')}`, 'operator'],
    ['console-lexicon-import', '/console/lexicon/import', 'operator'],
    ['console-lexicon-proposals', '/console/lexicon/proposals', 'operator'],
    ['console-lexicon-versions', '/console/lexicon/versions', 'operator'],
    ['console-lexicon-coverage', '/console/lexicon/coverage', 'operator'],
    ['console-false-positives', '/console/lexicon/false-positives', 'operator'],
    ['console-shadow', '/console/lexicon/shadow', 'operator'],
  ].map(([name, path, who, status = 200]) => ({ name, path, who, status }));
}

/** Visits all pages in one appearance, and gives every complaint with the page's name. */
async function visitAll(appearance, look) {
  const contexts = {};
  const found = [];
  try {
    for (const { name, path, who, status } of pages()) {
      const page = (contexts[who ?? 'nobody'] ??= await open(browser, { ...appearance, storageState: who && made[who] }));
      page.complaints.length = 0;
      const response = await page.goto(server.url + path);
      if (response.status() !== status) found.push(`${name}: answered ${response.status()}`);
      for (const complaint of await look(page, response, name)) found.push(`${name}: ${complaint}`);
    }
  } finally {
    for (const page of Object.values(contexts)) await page.context().close();
  }
  return found;
}

describe('every page', () => {
  for (const locale of ['zh-CN', 'en']) {
    for (const colorScheme of ['light', 'dark']) {
      test(`is sound in ${locale}, ${colorScheme}`, { timeout: 240_000 }, async () => {
        const found = await visitAll({ locale, colorScheme }, async (page, response, name) => {
          const complaints = await faults(page);
          const lang = await page.locator('html').getAttribute('lang');
          if (lang !== locale) complaints.push(`speaks ${lang}`);
          if (locale === 'zh-CN' && !/[\u4e00-\u9fff]/.test(await page.locator('h1').innerText())) complaints.push('its heading is not Chinese');
          if (/\b[a-z]+(-[a-z]+){2,}\b/.test(await page.locator('h1, h2, label, button').allInnerTexts().then((texts) => texts.join('\n')))) {
            complaints.push('shows the name of a text instead of the text');
          }
          // Pictures cost as much as the checks: one of each language and one of each scheme will do.
          if ((locale === 'en') === (colorScheme === 'dark')) await picture(page, `page-${name}-${locale}-${colorScheme}`);
          return complaints;
        });
        assert.deepEqual(found, []);
      });
    }
  }

  test('fits a phone', { timeout: 120_000 }, async () => {
    const found = await visitAll({ locale: 'zh-CN', viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }, async (page, response, name) => {
      const complaints = await faults(page);
      // A table that became a list gives each cell the whole line: a narrower one is read letter by letter.
      const narrow = await page.locator('.stack td[data-label]').evaluateAll((cells) =>
        cells.filter((cell) => cell.clientWidth < cell.closest('.stack').clientWidth * 0.6).length);
      if (narrow) complaints.push(`${narrow} cells are narrower than their list`);
      if (['home', 'chat', 'case', 'console-case', 'rules'].includes(name)) await picture(page, `phone-${name}`);
      return complaints;
    });
    assert.deepEqual(found, []);
  });

  test('carries the headers that keep it to itself', { timeout: 120_000 }, async () => {
    const found = await visitAll({}, async (page, response) => {
      const headers = await response.allHeaders();
      const policy = headers['content-security-policy'] ?? '';
      const complaints = [];
      if (!/default-src 'none'|default-src 'self'/.test(policy)) complaints.push(`policy: ${policy}`);
      if (/unsafe-inline|unsafe-eval|\*/.test(policy)) complaints.push(`policy: ${policy}`);
      if (!/frame-ancestors 'none'/.test(policy)) complaints.push('may be framed');
      if (headers['referrer-policy'] !== 'no-referrer') complaints.push(`referrer: ${headers['referrer-policy']}`);
      if (headers['x-content-type-options'] !== 'nosniff') complaints.push('may be sniffed');
      if (await page.locator('[style], script:not([src])').count()) complaints.push('has inline style or script');
      const foreign = await page.locator('script[src], link[href], img[src]').evaluateAll((nodes) => nodes
        .map((node) => new URL(node.getAttribute('src') ?? node.getAttribute('href'), location.href).origin)
        .filter((origin) => origin !== location.origin));
      if (foreign.length) complaints.push(`loads from ${foreign}`);
      return complaints;
    });
    assert.deepEqual(found, []);
  });

  test('the language switch keeps its choice', async () => {
    const page = await open(browser, { locale: 'en' });
    await page.goto(`${server.url}/rules`);
    await page.locator('.languages a[hreflang=zh-CN]').click();
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
    await page.goto(`${server.url}/verify`);
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
    await page.context().close();
  });

  test('the console is closed to strangers', async () => {
    const page = await open(browser);
    for (const { path } of pages().filter(({ who }) => who === 'operator')) {
      await page.goto(server.url + path);
      assert.equal(new URL(page.url()).pathname, '/sign-in', path);
    }
    await page.context().close();
  });

  test('a form posted from another site is refused', async () => {
    const cookies = made.operator.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const response = await server.fetch('/console/keys', {
      method: 'POST', body: 'name=stolen&end_user=owner&placement=suffix&envelope=both',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookies, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    assert.equal(response.status, 403);
  });
});

describe('by keyboard alone', () => {
  /** Presses Tab until the element that matches has the focus; every stop on the way must be seen. */
  async function tabTo(page, selector, limit = 80) {
    for (let n = 0; n < limit; n += 1) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate((wanted) => {
        const focused = document.activeElement;
        const style = getComputedStyle(focused);
        const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
        const box = focused.getBoundingClientRect();
        return {
          isThere: focused.matches(wanted),
          isBody: focused === document.body,
          isSeen: (outlined || style.boxShadow !== 'none') && box.width > 0 && box.height > 0,
          what: focused.outerHTML.slice(0, 120),
        };
      }, selector);
      if (!at.isBody) assert.ok(at.isSeen, `no visible focus on ${at.what}`);
      if (at.isThere) return;
    }
    assert.fail(`${selector} cannot be reached with Tab`);
  }

  test('a person asks, verifies, and complains', { timeout: 60_000 }, async () => {
    const page = await open(browser);
    await page.goto(server.url);
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.matches('.skip')), 'the skip link is not first');
    await page.keyboard.press('Enter');
    await tabTo(page, 'main a[href="/chat"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/chat$/);
    if (await page.locator('main form[action="/agreement"]').count()) {
      await tabTo(page, 'main form[action="/agreement"] button');
      await page.keyboard.press('Enter');
      await page.locator('#composer').waitFor();
    }
    await tabTo(page, '#message');
    await page.keyboard.type('What is a produce id?');
    await page.keyboard.press('Enter');
    await page.locator('.turn.model .label-text').waitFor({ timeout: 30_000 });
    assert.ok(await page.evaluate(() => document.activeElement.matches('#message')), 'the focus was lost');
    const { produceId } = await lastAnswer(page);
    await page.keyboard.press('Shift+Tab');
    for (let n = 0; n < 20 && !(await page.evaluate(() => document.activeElement.matches('.turn.model .label a'))); n += 1) {
      await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/verify/);
    assert.ok((await page.locator('main').innerText()).includes(produceId));
    await page.goto(`${server.url}/cases/new`);
    await tabTo(page, '[name=kind]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await tabTo(page, '#text');
    await page.keyboard.type('I complain by keyboard.');
    await tabTo(page, 'main form button[type=submit]');
    await page.keyboard.press('Enter');
    await page.locator('#case-code').waitFor();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test('an operator tries a text and proposes a term', { timeout: 60_000 }, async () => {
    const page = await open(browser, { storageState: made.operator });
    await page.goto(`${server.url}/console/try`);
    await tabTo(page, '#text');
    await page.keyboard.type('Call 13800138000.');
    await tabTo(page, 'main form button[type=submit]');
    await page.keyboard.press('Enter');
    await page.locator('#result').waitFor();
    await page.goto(`${server.url}/console/lexicon/new`);
    await tabTo(page, '#term');
    await page.keyboard.type('typed-by-keyboard');
    await tabTo(page, '#measure');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await tabTo(page, '#sample');
    await page.keyboard.type('so typed-by-keyboard hits');
    await tabTo(page, 'button[value=try]');
    await page.keyboard.press('Enter');
    await page.locator('mark').waitFor();
    await tabTo(page, '#reasons');
    await page.keyboard.type('By keyboard.');
    await tabTo(page, 'button[value=propose]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/console\/lexicon\/proposals\/\w+$/);
    await tabTo(page, '#reasons');
    await page.keyboard.type('Only a try.');
    await tabTo(page, 'button[value=withdraw]');
    await page.keyboard.press('Enter');
    await page.locator('#reasons').waitFor({ state: 'detached' });
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
});

describe('without JavaScript', () => {
  test('a person asks, verifies, complains and withdraws; an operator decides', { timeout: 60_000 }, async () => {
    const page = await open(browser, { javaScriptEnabled: false, locale: 'zh-CN' });
    await openChat(page, server.url);
    await page.fill('#message', '什么是生成编号？');
    await page.click('#send');
    await page.locator('.turn.model .label-text').waitFor();
    const first = await lastAnswer(page);
    assert.ok(first.label.includes(first.produceId));
    // The talk goes on: the page carries it.
    await page.fill('#message', '标识是什么样子的？');
    await page.click('#send');
    await page.locator('.turn.model').nth(1).waitFor();
    await picture(page, 'noscript-chat');
    await page.locator('.examples .chip').nth(2).click();
    await page.locator('.callout.caution a').last().waitFor();

    await page.locator('.turn.model .label a').first().click().catch(() => {});
    await page.goto(`${server.url}/verify`);
    await page.fill('#query', `${first.text}\n\n${first.label}`);
    await page.locator('form[action="/verify"]').getByRole('button').click();
    await page.locator('#result-title').waitFor();
    assert.ok((await page.locator('main').innerText()).includes(first.produceId));

    await page.goto(`${server.url}/cases/new`);
    const submit = page.locator('main form[action="/cases/new"]').getByRole('button');
    await submit.click();
    assert.ok(await page.locator('#text').count(), 'an empty complaint was taken');
    await page.check('#kind-complaint');
    await page.fill('#text', '我要投诉：测试。');
    await page.fill('#contact', 'someone@example.org');
    await submit.click();
    await page.locator('#case-code').waitFor();
    const filed = await receipt(page);
    assert.ok(Date.parse(filed.due) > Date.now());
    await page.locator('form[action$="/withdraw"]').getByRole('button').click();
    await page.locator('#case-code').waitFor();
    assert.equal(await page.locator('form[action$="/withdraw"]').count(), 0, 'a withdrawn case can be withdrawn again');

    const operator = await open(browser, { javaScriptEnabled: false });
    await signIn(operator, server.url);
    await operator.goto(server.url + made.consoleCase);
    await operator.locator('form[action$="/take"]').getByRole('button').click();
    await operator.locator('#reasons').waitFor();
    await operator.locator('form[action$="/give-back"]').getByRole('button').click();
    assert.equal(await operator.locator('#reasons').count(), 0, 'what was given back can still be decided');
    await operator.locator('form[action$="/take"]').getByRole('button').click();
    await operator.fill('#reasons', 'The rule was right.');
    await operator.locator('button[name=outcome][value=rejected]').click();
    await operator.locator('.callout.result').waitFor();
    await operator.goto(`${server.url}/console/keys`);
    await operator.fill('#name', 'a key of the console');
    await operator.locator('main form.panel').getByRole('button').click();
    const secret = (await operator.locator('#secret').innerText()).trim();
    const answered = await server.post('/v1/chat/completions', { messages: [{ role: 'user', content: 'hello' }] }, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal(answered.status, 200, await answered.text());
    await operator.goto(`${server.url}/console/keys`);
    const key = operator.locator('tr', { hasText: 'a key of the console' });
    assert.equal(await key.getByRole('button').count(), 0, 'a key is revoked with one click');
    await key.locator('summary').click();
    await key.getByRole('button').click();
    const revoked = await server.post('/v1/chat/completions', { messages: [{ role: 'user', content: 'hello' }] }, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal(revoked.status, 401);
    await operator.context().close();
    await page.context().close();
  });

  test('an administrator invites, renews, revokes and shuts out; the last one stays', { timeout: 60_000 }, async () => {
    const boss = await open(browser, { javaScriptEnabled: false });
    await signIn(boss, server.url);
    const list = `${server.url}/console/operators`;
    const invite = async (role) => {
      await boss.goto(list);
      await boss.check(`#role-${role}`);
      await boss.locator('main form.panel').getByRole('button').click();
      return (await boss.locator('#link').innerText()).trim();
    };
    const newest = () => boss.locator('tr', { hasText: 'reviewer' }).filter({ has: boss.locator('form[action$="/renew"]') }).last();
    const statusOf = async (link) => (await server.fetch(new URL(link).pathname)).status;

    const first = await invite('auditor');
    assert.equal(await statusOf(first), 200);
    await picture(boss, 'operators-invited');
    await boss.goto(list);
    assert.ok(!(await boss.content()).includes(new URL(first).pathname), 'the link is shown twice');
    await newest().locator('form[action$="/renew"]').getByRole('button').click();
    const second = (await boss.locator('#link').innerText()).trim();
    assert.deepEqual([await statusOf(first), await statusOf(second)], [404, 200]);
    await newest().locator('form[action$="/revoke"]').getByRole('button').click();
    assert.equal(await statusOf(second), 404);

    const other = await open(browser, { javaScriptEnabled: false });
    await becomeOperator(other, await invite('administrator'), 'second.boss');
    await boss.goto(list);
    const row = boss.locator('tr', { hasText: 'second.boss' });
    await row.locator('summary').click();
    await row.getByRole('button').click();
    await other.goto(list);
    assert.equal(new URL(other.url()).pathname, '/sign-in', 'who was shut out is still signed in');
    assert.equal(await boss.locator('tr', { hasText: '(you)' }).locator('summary').count(), 0, 'the last administrator can leave');
    assert.deepEqual(boss.complaints, []);
    await other.context().close();
    await boss.context().close();
  });
});
