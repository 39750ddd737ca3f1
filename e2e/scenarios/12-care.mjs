// What the house owes its people: a complaint is answered, a phone number is shown once and on
// record, and nobody is signed out without a warning.

import { act, fill, openForm, refused, send } from '../lib/acts.mjs';

const PHONE = '13900001234';

export async function run(walk) {
  await feedback(walk);
  await reveal(walk);
  await warning(walk);
  await clock(walk);
}

async function feedback(walk) {
  const page = await walk.as('village');
  await page.goto('/feedback');
  await refused(page, '/feedback', { text: ' ' });
  await act(page, '/feedback', { text: '同一个数字要填三遍' });
  await walk.reads(page, '同一个数字要填三遍', '待答复');
  await walk.look(page, 'said');
  const admin = await walk.as('admin');
  await admin.goto('/feedback/list');
  await walk.reads(admin, '同一个数字要填三遍');
  await act(admin, '/feedback/1', { answer: '已并到一张表' });
  await walk.look(admin, 'answered');
  await page.goto('/feedback');
  await walk.reads(page, '已并到一张表', '已答复');
  const denied = await page.goto('/feedback/list');
  walk.equal(denied.status(), 403, 'only those who answer read all of them');
}

async function reveal(walk) {
  const admin = await walk.as('admin');
  await admin.goto('/users');
  await admin.locator('a', { hasText: '何景' }).first().click();
  await admin.waitForURL(/\/users\/[^/]+$/);
  const address = new URL(admin.url()).pathname;
  await refused(admin, '/phone', { phone: '1390' });
  await act(admin, '/phone', { phone: PHONE });
  let text = await admin.locator('main').innerText();
  walk.check(!text.includes(PHONE) && text.includes('139****1234'), 'it is masked at once');
  const offered = await admin.locator('form[action$="/phone"]').count();
  walk.equal(offered, 1, 'who keeps accounts may not have it shown');

  const clerk = await walk.as('clerk');
  await clerk.goto(address);
  await walk.look(clerk, 'masked');
  await refused(clerk, '/phone', { reason: '' });
  const form = await openForm(clerk, '/phone');
  await fill(form, { reason: '核实整改进度' });
  const [answer] = await Promise.all([
    clerk.waitForResponse((response) => response.request().method() === 'POST'),
    send(clerk, form),
  ]);
  walk.equal(answer.headers()['cache-control'], 'no-store', 'no cache keeps it');
  await walk.reads(clerk, PHONE, '只显示这一次');
  await walk.look(clerk, 'shown-once');
  await clerk.reload();
  text = await clerk.locator('body').innerText();
  walk.check(!text.includes(PHONE), 'the same form shows it no second time');

  const audit = await walk.as('audit');
  await audit.goto('/audit');
  const lines = await audit.locator('main').innerText();
  walk.check(lines.includes('核实整改进度'), 'who, when and why is on record');
  walk.check(!lines.includes(PHONE), 'and what it was is not');
}

async function warning(walk) {
  const page = await walk.open();
  await page.clock.install();
  await walk.signIn(page, 'clerk');
  const box = page.locator('[data-ends]');
  walk.check(await box.isHidden(), 'no warning while there is time');
  await page.goto('/issues/new');
  await page.locator('[name="title"]').fill('写到一半');
  await page.clock.fastForward(27 * 60 * 1000);
  await page.clock.runFor(6000);
  await box.waitFor();
  await walk.picture(page, 'session-warning');
  await page.setViewportSize({ width: 390, height: 844 });
  await walk.picture(page, 'session-warning-phone');
  await page.locator('[data-stay]').click();
  await box.waitFor({ state: 'hidden' });
  const typed = await page.locator('[name="title"]').inputValue();
  walk.equal(typed, '写到一半', 'going on loses nothing');
}

async function clock(walk) {
  const page = await walk.as('admin');
  await page.goto('/clock');
  await walk.reads(page, '时钟正常');
  await walk.look(page, 'clock');
}
