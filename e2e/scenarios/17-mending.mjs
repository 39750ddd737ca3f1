// What was written is written otherwise: a measure's text, a measure used for another finding, a
// file taken away, the names of a unit. Once with scripts, once without, once by the keyboard.

import { act, fill, openForm, refused, send } from '../lib/acts.mjs';

export async function run(walk) {
  const clerk = await walk.as('clerk');
  const issue = await inWork(clerk);
  await measures(walk, clerk, issue);
  await files(walk, clerk, issue);
  await withoutScripts(walk, issue);
  await units(walk);
  await audited(walk);
}

/** The address of a finding whose measures may be changed, and which has one. */
async function inWork(page) {
  await page.goto('/issues');
  const links = await page.locator('[data-open]').evaluateAll((all) =>
    all.map((link) => link.getAttribute('href')),
  );
  for (const link of links) {
    await page.goto(link);
    const forms = page.locator('form[action*="/measures/"]');
    if ((await forms.count()) > 0) return new URL(page.url()).pathname;
  }
  throw new Error('no finding has a measure that may be changed');
}

/** The ending of the first form's address that begins so. */
async function ending(page, beginning) {
  const form = page.locator(`form[action*="/${beginning}/"]`).first();
  const address = await form.getAttribute('action');
  return address.slice(address.indexOf(`/${beginning}/`));
}

async function measures(walk, page, issue) {
  const edit = await ending(page, 'measures');
  const words = await refused(page, edit, { text: '' });
  walk.check(words.includes('措施'), `a measure has words: ${words}`);
  await walk.look(page, 'refused');
  await act(page, edit, { text: '逐户上门核实，月底前办结' });
  await walk.reads(page, '逐户上门核实，月底前办结');
  const untie = await ending(page, 'untie');
  await act(page, untie);
  const kept = await page.locator('#measures ol').innerText();
  walk.check(!kept.includes('逐户上门核实'), 'it serves this finding no longer');
  const form = await openForm(page, '/tie');
  await walk.look(page, 'tie');
  await fill(form, { measures: '逐户上门核实' });
  await send(page, form);
  walk.equal(new URL(page.url()).pathname, issue, 'back to the finding');
  const again = await page.locator('#measures ol').innerText();
  walk.check(again.includes('逐户上门核实'), 'and serves it again');
}

async function files(walk, page, issue) {
  await page.goto(issue);
  const file = (name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) });
  await act(page, '/evidence', { file: [file('签到表.txt'), file('照片说明.txt')] });
  await walk.reads(page, '签到表.txt', '照片说明.txt');
  const words = await refused(page, '/detach', { evidence: '签到表.txt' });
  walk.check(words.includes('理由'), `a reason is asked: ${words}`);
  await walk.look(page, 'detach');
  await act(page, '/detach', { evidence: '签到表.txt', reason: '传错了' });
  walk.equal(await page.locator('#evidence li', { hasText: '签到表.txt' }).count(), 0, 'gone');
  walk.equal(await page.locator('#evidence li', { hasText: '照片说明.txt' }).count(), 1, 'kept');
}

async function withoutScripts(walk, issue) {
  const page = await walk.as('clerk', { scripts: false });
  await page.goto(issue);
  await act(page, await ending(page, 'measures'), { text: '逐户上门核实，本周办结' });
  await walk.reads(page, '逐户上门核实，本周办结');
}

async function units(walk) {
  const page = await walk.as('admin');
  await page.goto('/org');
  await walk.tabTo(page, 'main a[href^="/org/units/"]', 120);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/org\/units\//);
  await walk.look(page, 'unit');
  const address = new URL(page.url()).pathname;
  const words = await refused(page, address, { name: '' });
  walk.check(words.includes('必填'), `a unit has a name: ${words}`);
  await act(page, address, { name: '改过名的单位', aliases: '老名字' });
  await page.waitForURL(/\/org(\?|$)/);
  await walk.reads(page, '改过名的单位', '老名字');
  const clerk = await walk.as('clerk');
  const answer = await clerk.goto(address);
  walk.equal(answer.status(), 404, 'others do not change units');
}

async function audited(walk) {
  const page = await walk.as('audit');
  await page.goto('/audit');
  await walk.reads(page, '修改单位', '修改措施', '撤下佐证');
}
