// What a person does on the pages, one function for each errand.

import assert from 'node:assert/strict';

/** Opens the chat and accepts the agreement where it is asked for. */
export async function openChat(page, url) {
  await page.goto(new URL('/chat', url).href);
  const agreement = page.locator('main form[action="/agreement"]');
  if (await agreement.count()) {
    await agreement.getByRole('button').click();
    await page.waitForLoadState();
    if (new URL(page.url()).pathname !== '/chat') await page.goto(new URL('/chat', url).href);
  }
  await page.locator('#composer').waitFor();
}

/** Sends a message and waits until the answer has come to its end; gives its parts. */
export async function ask(page, text) {
  const before = await page.locator('.turn.model').count();
  await page.fill('#message', text);
  await page.click('#send');
  await answered(page, before);
  return lastAnswer(page);
}

/** Presses one of the example buttons: 0 label, 1 ledger, 2 a blocked prompt, 3 an answer that drifts. */
export async function pressExample(page, index) {
  const before = await page.locator('.turn').count();
  await page.locator('.examples .chip').nth(index).click();
  await page.locator('.turn').nth(before).waitFor();
  await page.waitForFunction(() => !document.querySelector('#send')?.disabled);
}

async function answered(page, before) {
  await page.locator('.turn.model').nth(before).waitFor();
  await page.waitForFunction(() => !document.querySelector('#send')?.disabled, undefined, { timeout: 30_000 });
}

/** Text, label and produce id of the last answer. */
export async function lastAnswer(page) {
  const turn = page.locator('.turn.model').last();
  const text = (await turn.locator('.said').innerText()).trim();
  const label = (await turn.locator('.label-text').innerText()).trim();
  const href = await turn.locator('.label a[href^="/verify"]').getAttribute('href');
  const produceId = new URL(href, 'http://x').searchParams.get('id');
  assert.match(produceId, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  return { text, label, produceId };
}

/** Takes the one-time link and becomes the first operator. */
export async function becomeOperator(page, invitation, name = 'reviewer') {
  await page.goto(invitation);
  await page.fill('#name', name);
  await page.fill('#password', `a long passphrase of ${name}`);
  await page.locator('main form[action^="/invitations/"]').getByRole('button').click();
  await page.waitForURL((url) => url.pathname.startsWith('/console'));
}

export async function signIn(page, url, name = 'reviewer') {
  await page.goto(new URL('/sign-in', url).href);
  await page.fill('#name', name);
  await page.fill('#password', `a long passphrase of ${name}`);
  await page.locator('main form[action="/sign-in"]').getByRole('button').click();
  await page.waitForURL((url) => url.pathname.startsWith('/console'));
}

/** Files the appeal on an appeal page; gives the receipt. */
export async function fileAppeal(page, text) {
  await page.fill('#text', text);
  await page.locator('main form[action^="/appeals/"]').getByRole('button').click();
  await page.locator('#case-code').waitFor();
  return receipt(page);
}

/** What the receipt says. */
export async function receipt(page) {
  const number = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1));
  const code = (await page.locator('#case-code').innerText()).trim();
  assert.ok(number.length > 5 && code.length > 5, `${number} ${code}`);
  const due = await page.locator('.receipt time').last().getAttribute('datetime');
  assert.ok(!Number.isNaN(Date.parse(due)), `no time limit: ${due}`);
  return { number, code, due };
}
