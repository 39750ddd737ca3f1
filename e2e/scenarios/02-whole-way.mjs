// A letter comes in, becomes a ledger, is worked off by one and accepted by another, closed, looked
// at again, and a report goes back. The letter is ours, or the one that TAIZHANG_E2E_LETTER names.

import { fileURLToPath } from 'node:url';
import { act, day, step, upload } from '../lib/acts.mjs';

const ours = fileURLToPath(new URL('../letters/feedback.txt', import.meta.url));
const letter = process.env.TAIZHANG_E2E_LETTER ?? ours;

export async function run(walk) {
  const address = await letterIn(walk);
  await assign(walk, address);
  await work(walk, address);
  await accept(walk, address);
  await close(walk, address);
  await lookBack(walk, address);
  await report(walk);
}

/** Upload, correct one row, confirm; gives the address of the first finding. */
async function letterIn(walk) {
  const page = await walk.as('clerk');
  await upload(page, letter, { received_on: day(-1), region: '石桥镇' });
  const rows = await page.locator('[data-rows] > .fcard').count();
  walk.check(rows >= 2, `the letter gave ${rows} rows`);
  walk.check((await page.locator('mark[data-row]').count()) >= rows, 'each row has its sentence');
  await walk.look(page, 'reading');

  await page.locator('[data-edit]').first().click();
  await page.waitForURL(/edit=/);
  const title = page.locator('.fcard input[name="title"]');
  const corrected = `${await title.inputValue()}（已核对）`;
  await act(page, await editing(page), { title: corrected });
  await walk.reads(page, corrected);

  await act(page, '/confirm', {
    inspection_title: '县委巡察组乡村振兴领域专项检查',
    source_kind: 'inspection',
    source_level: 'upper',
    received_on: day(-1),
    ...(await reasonForCount(page)),
  });
  await walk.look(page, 'inspection');
  await page.goto('/issues');
  await walk.look(page, 'ledger');
  await page.goto(`/issues?text=${encodeURIComponent('已核对')}`);
  await page.locator('[data-open]').first().click();
  await page.waitForURL(/\/issues\/[^/?#]+/);
  await walk.reads(page, corrected);
  return new URL(page.url()).pathname;
}

/** The end of the address that the row's form is sent to. */
async function editing(page) {
  const action = await page.locator('.fcard form:has(input[name="title"])').getAttribute('action');
  return action;
}

/** A count that differs from the letter's own asks for a reason. */
async function reasonForCount(page) {
  const asked = await page.locator('[name="count_reason"]').count();
  return asked ? { count_reason: '原文两处重复，合并为一条' } : {};
}

async function assign(walk, address) {
  const page = await walk.as('leader');
  await page.goto(address);
  await step(page, 'claim', { cause: '日常管护责任没有落实到人' });
  await step(page, 'plan', { lead_unit: '水管站', deadline_on: day(30), measures: '每季演练一次' });
  await act(page, '/assign', { leader: '何景', person: '周雯' });
  const duty = await page.locator('#duty').innerText();
  walk.check(duty.includes('水管站'), `who leads stays who leads: ${duty}`);
  await step(page, 'start');
  await walk.look(page, 'assigned');
}

async function work(walk, address) {
  const page = await walk.as('clerk');
  await page.goto('/');
  await walk.look(page, 'queue');
  await page.goto(address);
  await act(page, '/progress', { text: '已排查36户，补齐清单', percent: '100', on: day() });
  await act(page, '/evidence', {
    kind: 'list',
    dated_on: day(),
    description: '缺水户清单',
    file: ours,
  });
  await step(page, 'submit', { result: '36户全部落实供水，演练两次' });
  await walk.look(page, 'submitted');
  const offered = await page.locator('form[action$="/steps/accept"]').count();
  walk.equal(offered, 0, 'who handed it in cannot accept it');
}

async function accept(walk, address) {
  const page = await walk.as('supervision');
  await page.goto(address);
  await step(page, 'accept', {
    result: 'passed',
    sample: '马塘村抽查6户，均有水',
    sample_size: '6',
    sample_failed: '0',
    on: day(),
    is_on_site: true,
    opinion: '同意',
  });
  await walk.look(page, 'accepted');
}

async function close(walk, address) {
  const page = await walk.as('county');
  await page.goto(`${address}/close`);
  await walk.look(page, 'closing');
  if ((await page.locator('form[action$="/consent"]').count()) > 0) {
    await act(page, '/consent', { upper_consent_paper: '青巡整改〔2026〕7号', upper_consent_on: day() });
    await page.goto(`${address}/close`);
  }
  await act(page, '/close', { has_read: true });
  await page.goto(address);
  await walk.reads(page, '已销号');
  await walk.look(page, 'closed');
}

async function lookBack(walk, address) {
  const page = await walk.as('discipline');
  await page.goto(address);
  await step(page, 'look_back', { result: 'holds', note: '复查3户，供水正常' });
  await walk.reads(page, '回头看');
}

async function report(walk) {
  const page = await walk.as('clerk');
  await page.goto('/reports');
  await act(page, '/reports', { template: '整改情况报告', inspection: '专项检查' });
  await page.waitForURL(/\/reports\/[^/?#]+/);
  await walk.look(page, 'report');
  const number = page.locator('a[href*="/figures/"]').first();
  await Promise.all([page.waitForEvent('framenavigated'), number.click()]);
  await page.waitForLoadState('load');
  await walk.look(page, 'rows-behind-a-number');
}
