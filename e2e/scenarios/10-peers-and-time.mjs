// Extending a finding to peers, asking for more time and getting it, one file for several findings.

import { fileURLToPath } from 'node:url';
import { act, day, fill, openForm, refused, send, step, upload } from '../lib/acts.mjs';

const letter = fileURLToPath(new URL('../letters/feedback.txt', import.meta.url));

export async function run(walk) {
  const addresses = await ledger(walk);
  await peers(walk, addresses[0]);
  await answers(walk, addresses[0]);
  await moreTime(walk, addresses[1]);
  await sharedEvidence(walk, addresses);
}

/** A letter in the ledger; the addresses of its findings. */
async function ledger(walk) {
  const page = await walk.as('clerk');
  await upload(page, letter, { received_on: day(-1), region: '石桥镇' });
  const asked = await page.locator('[name="count_reason"]').count();
  await act(page, '/confirm', {
    inspection_title: '专项检查',
    source_kind: 'inspection',
    source_level: 'own',
    received_on: day(-1),
    ...(asked ? { count_reason: '原文两处重复' } : {}),
  });
  await page.locator('a[href^="/issues?inspection="]').last().click();
  await page.waitForURL(/inspection=/);
  const links = await page.locator('[data-open]').evaluateAll((all) =>
    all.map((link) => link.getAttribute('href')),
  );
  walk.check(links.length >= 3, `the letter gave ${links.length} findings`);
  const leader = await walk.as('leader');
  for (const link of links.slice(0, 3)) {
    await leader.goto(link);
    await step(leader, 'claim', { cause: '日常管护责任没有落实到人' });
    await step(leader, 'plan', { lead_unit: '水管站', deadline_on: day(10), measures: '逐户排查' });
    await step(leader, 'start');
  }
  return links;
}

async function peers(walk, address) {
  const page = await walk.as('clerk');
  await page.goto(address);
  const form = await openForm(page, '/peers');
  await walk.look(page, 'peers-form');
  await fill(form, { regions: ['马塘村', '岩脚村'] });
  await send(page, form);
  await walk.reads(page, '已发到 2 处', '2 处自查，2 处未结');
  await page.locator('#children').scrollIntoViewIfNeeded();
  await walk.look(page, 'peers-sent');
}

/** One village says that it does not exist there; the parent waits for the other. */
async function answers(walk, address) {
  const page = await walk.as('village');
  const leader = await walk.as('leader');
  await leader.goto(address);
  const children = await leader.locator('#children li a').evaluateAll((all) =>
    all.map((link) => link.getAttribute('href')),
  );
  let own;
  for (const child of children) {
    if ((await page.goto(child)).status() === 200) own = child;
  }
  walk.check(Boolean(own), 'the village sees its own child row');
  await page.goto(own);
  await step(page, 'mark_absent', { self_check: '逐户看过31户，均正常供水' });
  await walk.look(page, 'absent-here');
  await leader.goto(address);
  await walk.reads(leader, '2 处自查，1 处未结');
}

async function moreTime(walk, address) {
  const clerk = await walk.as('clerk');
  await clerk.goto(address);
  await refused(clerk, '/extensions', { new_deadline_on: day(40) });
  await act(clerk, '/extensions', { new_deadline_on: day(40), reason: '雨季无法施工' });
  await clerk.locator('#approvals').scrollIntoViewIfNeeded();
  await walk.look(clerk, 'asked-for-time');
  const leader = await walk.as('leader');
  await leader.goto('/');
  await walk.reads(leader, '延期');
  await leader.goto(address);
  const form = leader.locator('form[action*="/extensions/"]').first();
  await fill(form, { note: '同意，抓紧备料' });
  await form.scrollIntoViewIfNeeded();
  await walk.look(leader, 'decide');
  const grant = form.locator('button[value="granted"]');
  await Promise.all([leader.waitForEvent('framenavigated'), grant.click()]);
  await leader.waitForLoadState('load');
  await walk.reads(leader, day(40), '雨季无法施工');
  const times = await leader.locator('#times').innerText();
  walk.check(times.includes(day(40)) && times.includes(day(10)), `old and new deadline: ${times}`);
  await walk.look(leader, 'granted');
}

async function sharedEvidence(walk, addresses) {
  const page = await walk.as('clerk');
  await page.goto(addresses[0]);
  const form = await openForm(page, '/evidence');
  const others = form.locator('[name="also"]');
  walk.check((await others.count()) >= 2, 'findings of the same inspection are offered');
  await others.first().check();
  const other = await others.first().inputValue();
  await fill(form, { dated_on: day(), description: '排查清单', file: letter });
  await walk.look(page, 'shared-evidence');
  await send(page, form);
  for (const link of [addresses[0], `/issues/${other}`]) {
    await page.goto(link);
    const evidence = await page.locator('#evidence').innerText();
    walk.check(evidence.includes('feedback.txt'), `${link} holds the file`);
  }
}
