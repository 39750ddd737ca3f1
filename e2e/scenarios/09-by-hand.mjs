// A finding written by hand, corrected, corrected by two at once, and taken back; then the ledger as
// its reader likes it: a view under a name, fewer columns, ticked rows as a workbook, paging both ways.

import { readFile } from 'node:fs/promises';
import { act, day, fill, openForm, refused, send } from '../lib/acts.mjs';

const PROBLEM = '马塘村三组公厕化粪池满溢，两个月无人清掏。';

export async function run(walk) {
  const address = await write(walk);
  await correct(walk, address);
  await overtaken(walk, address);
  await undo(walk, address);
  await views(walk);
  await columns(walk);
  await ticked(walk);
  await pages(walk);
  await withoutScripts(walk);
}

async function write(walk) {
  const page = await walk.as('clerk');
  await page.goto('/issues');
  await page.locator('a[href="/issues/new"]').click();
  await page.waitForURL(/\/issues\/new$/);
  await walk.look(page, 'new');
  const words = await refused(page, '/issues', { title: '公厕满溢', deadline_on: day(20) });
  walk.check(words.includes('具体问题'), `what is missing is told: ${words}`);
  walk.equal(await page.locator('[name="title"]').inputValue(), '公厕满溢', 'the text is kept');
  await walk.look(page, 'new-refused');
  await act(page, '/issues', {
    problem: PROBLEM,
    category: '人居环境',
    source_kind: 'self_check',
    region: '马塘村',
    lead_unit: '水管站',
    deadline_on: day(20),
    measures: '清掏化粪池\n落实管护人',
  });
  await page.waitForURL(/\/issues\/[0-9a-z]{20,}$/);
  await walk.reads(page, '公厕满溢', PROBLEM, '落实管护人', '已登记', '马塘村');
  await walk.look(page, 'written');
  return new URL(page.url()).pathname;
}

async function correct(walk, address) {
  const page = await walk.as('clerk');
  await page.goto(address);
  await page.locator('[data-edit]').first().click();
  await page.waitForURL(/\/edit$/);
  await walk.look(page, 'edit');
  await act(page, '/edit', { title: '公厕满溢无人清掏', cause: '没有管护合同' });
  await walk.reads(page, '公厕满溢无人清掏', '没有管护合同', '最后修改：周雯');
}

/** Two open the form; the second to save sees both versions, and his text is still there. */
async function overtaken(walk, address) {
  const first = await walk.as('clerk');
  await first.goto(`${address}/edit`);
  const second = await walk.as('leader');
  await second.goto(`${address}/edit`);
  await walk.reads(second, '周雯', '打开了修改页');
  await act(second, '/edit', { title: '公厕满溢，群众反映强烈' });
  const form = await openForm(first, '/edit');
  await fill(form, { title: '公厕满溢，已两个月' });
  await send(first, form);
  await walk.reads(first, '公厕满溢无人清掏', '公厕满溢，群众反映强烈', '按我的内容保存');
  const typed = await first.locator('[name="title"]').inputValue();
  walk.equal(typed, '公厕满溢，已两个月', 'the own text is still in the form');
  await walk.look(first, 'overtaken');
  await act(first, '/edit');
  await walk.reads(first, '公厕满溢，已两个月');
}

async function undo(walk, address) {
  const page = await walk.as('leader');
  await page.goto(address);
  await act(page, '/assign', { person: '周雯' });
  walk.check((await page.locator('#duty').innerText()).includes('周雯'), 'it is assigned');
  await walk.look(page, 'undo-bar');
  const bar = page.locator('.undo form');
  await Promise.all([page.waitForEvent('framenavigated'), bar.locator('button').click()]);
  await page.waitForLoadState('load');
  walk.check(!(await page.locator('#duty').innerText()).includes('周雯'), 'it is taken back');
}

async function views(walk) {
  const page = await walk.as('clerk');
  await page.goto('/issues?tab=open&source_kind=self_check');
  const words = await refused(page, '/issues/views', { name: ' ' });
  walk.check(words.includes('视图'), `a view needs a name: ${words}`);
  await page.goto('/issues?tab=open&source_kind=self_check');
  await act(page, '/issues/views', { name: '自查未办结' });
  await walk.look(page, 'view');
  await page.goto('/issues');
  await page.locator('.tools .chip', { hasText: '自查未办结' }).click();
  await page.waitForURL(/source_kind=self_check/);
  walk.equal(await page.locator('.chip[aria-current]').innerText(), '自查未办结', 'it is current');
  const other = await walk.as('leader');
  await other.goto('/issues');
  walk.equal(await other.locator('.tools .chip').count(), 0, 'a view is its own reader’s');
  await act(page, '/issues/views/forget');
  walk.equal(await page.locator('.tools .chip').count(), 0, 'the view is gone');
}

async function columns(walk) {
  const page = await walk.as('county');
  await page.goto('/issues');
  const before = await page.locator('thead th').count();
  const form = await openForm(page, '/issues/columns');
  await form.locator('[value="units"]').uncheck();
  await form.locator('[value="evidence"]').uncheck();
  await walk.look(page, 'columns');
  await send(page, form);
  walk.equal(await page.locator('thead th').count(), before - 2, 'two columns are left out');
  await page.reload();
  walk.equal(await page.locator('thead th').count(), before - 2, 'and stay so');
  const again = await openForm(page, '/issues/columns');
  await again.locator('[name="place.state"]').fill('1');
  await again.locator('[name="place.lead"]').fill('2');
  await send(page, again);
  const heads = await page.locator('thead th').allInnerTexts();
  const place = (words) => heads.findIndex((head) => head.includes(words));
  walk.check(place('状态') < place('牵头单位'), `columns stand as asked: ${heads.join(' ')}`);
}

async function ticked(walk) {
  const page = await walk.as('clerk');
  await page.goto('/issues');
  await page.locator('[data-pick]').nth(0).check();
  await page.locator('[data-pick]').nth(2).check();
  const button = page.locator('button[value="export"]');
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const book = await readFile(await download.path());
  walk.equal(book.subarray(0, 2).toString(), 'PK', 'the ticked rows are a workbook');
  const all = page.locator('a[href^="/export/ledger.xlsx"]');
  const [whole] = await Promise.all([page.waitForEvent('download'), all.click()]);
  const larger = await readFile(await whole.path());
  walk.check(larger.length > book.length, 'the filtered list is a larger one');
  walk.check(page.url().endsWith('/issues'), 'the page stays');
  const phone = await walk.as('clerk', { size: 'phone' });
  await phone.goto('/issues');
  await phone.locator('[data-pick]').first().check();
  const own = phone.locator('button[value="export"]');
  const [carried] = await Promise.all([phone.waitForEvent('download'), own.click()]);
  walk.check((await carried.path()) !== null, 'ticked rows go out from a phone');
}

async function pages(walk) {
  const page = await walk.as('clerk');
  const numbers = () => page.locator('[data-rows] th').allInnerTexts();
  await page.goto('/issues?size=3&sort=number');
  const first = await numbers();
  await Promise.all([page.waitForURL(/after=/), page.locator('a[rel="next"]').first().click()]);
  await page.locator('a[rel="prev"]').waitFor();
  const second = await numbers();
  walk.check(first.every((number) => !second.includes(number)), 'the next page holds other rows');
  await page.locator('a[rel="prev"]').click();
  await page.waitForFunction((number) => document.body.innerText.includes(number), first[0]);
  await page.waitForFunction((number) => !document.body.innerText.includes(number), second[0]);
  walk.equal(await numbers(), first, 'the page before is the first again');
}

async function withoutScripts(walk) {
  const page = await walk.as('clerk', { scripts: false });
  await page.goto('/issues/new');
  await act(page, '/issues', {
    title: '路灯不亮',
    problem: '岩脚村路灯六盏不亮',
    source_kind: 'self_check',
    region: '岩脚村',
  });
  await walk.reads(page, '路灯不亮');
  await page.goto('/');
  await walk.reads(page, '接着上次', '路灯不亮');
  await walk.look(page, 'where-i-left-off', { axe: false });
  await page.goto('/issues');
  await act(page, '/issues/views', { name: '全部' });
  walk.equal(await page.locator('.tools .chip').count(), 1, 'a view is kept without scripts');
  await page.locator('[data-pick]').first().check();
  const button = page.locator('button[value="export"]');
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  walk.check((await download.path()) !== null, 'ticked rows go out without scripts');
}
