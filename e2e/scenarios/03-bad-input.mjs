// What is wrong is refused in words, with place and cure, and what was typed is still there.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { act, day, fill, openForm, refused, send } from '../lib/acts.mjs';

export async function run(walk) {
  await unreadableFile(walk);
  await oversizeFile(walk);
  await missingRight(walk);
  await deadlineBeforeLetter(walk);
  await staleEdit(walk);
  await wrongPasswords(walk);
}

async function sendLetter(walk, page, file) {
  await page.goto('/letters/new');
  const form = page.locator('form[action="/letters"]');
  await fill(form, { file, received_on: day(), region: '石桥镇' });
  await send(page, form);
  const alert = page.locator('[role="alert"]');
  return ((await alert.count()) > 0 ? alert : page.locator('h1')).first().innerText();
}

async function unreadableFile(walk) {
  const page = await walk.as('clerk');
  const file = join(walk.server.data, 'letter.docx');
  await writeFile(file, Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0xfe, 0, 1, 2, 3]));
  const words = await sendLetter(walk, page, file);
  walk.check(words.length > 10, `an unreadable file says what was tried: ${words}`);
  await walk.look(page, 'unreadable');
}

async function oversizeFile(walk) {
  const page = await walk.as('clerk');
  const file = join(walk.server.data, 'large.txt');
  await writeFile(file, Buffer.alloc(51 * 1024 * 1024, 0x61));
  const words = await sendLetter(walk, page, file);
  walk.check(/\d+\s*(MB|MiB|兆)/i.test(words), `an oversize upload names its limit: ${words}`);
}

async function missingRight(walk) {
  const page = await walk.as('village');
  const answer = await page.goto('/audit');
  walk.check([403, 404].includes(answer.status()), 'the village may not read the audit chain');
  await walk.look(page, 'not-allowed');
}

/** Opens a finding of the demonstration on which this person may do that; gives its address. */
async function anyFinding(page, ending) {
  await page.goto('/issues');
  const links = await page.locator('[data-open]').evaluateAll((all) => all.map((a) => a.href));
  for (const link of links) {
    await page.goto(link);
    if ((await page.locator(`form[action$="${ending}"]`).count()) > 0) return link;
  }
  throw new Error(`on no finding is there a form for ${ending}`);
}

async function deadlineBeforeLetter(walk) {
  const page = await walk.as('leader');
  await anyFinding(page, '/assign');
  const words = await refused(page, '/assign', { deadline_on: '2001-01-01' });
  walk.check(words.length > 5, `a deadline before the letter is refused: ${words}`);
  const field = page.locator('form[action$="/assign"] [name="deadline_on"]');
  walk.equal(await field.inputValue(), '2001-01-01', 'what was typed is still there');
  walk.equal(await field.getAttribute('aria-invalid'), 'true', 'the field itself is marked');
  await walk.look(page, 'deadline');
}

async function staleEdit(walk) {
  const first = await walk.as('leader');
  const address = await anyFinding(first, '/assign');
  const second = await walk.as('clerk');
  await second.goto(address);
  await openForm(first, '/assign');
  await act(second, '/assign', { deadline_on: day(41) });
  const form = await openForm(first, '/assign');
  await fill(form, { deadline_on: day(42) });
  await send(first, form);
  const page = await first.content();
  walk.check(page.includes(day(41)), 'the version of the other is shown');
  walk.check(page.includes(day(42)), 'the own version is shown');
  await walk.look(first, 'both-versions');
}

async function wrongPasswords(walk) {
  const page = await walk.open();
  await page.goto('/sign-in');
  for (let tries = 0; tries < 10; tries += 1) {
    await walk.fillSignIn(page, 'water', `wrong password ${tries}`);
    await page.locator('[role="alert"]').first().waitFor();
  }
  await walk.fillSignIn(page, 'water', 'wrong password again');
  const words = await page.locator('[role="alert"]').first().innerText();
  walk.check(/\d:\d\d|分钟|minute/.test(words), `after ten tries it says how long: ${words}`);
  await walk.look(page, 'throttled');
}
