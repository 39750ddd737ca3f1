// The rows of a letter: merged, split, left out, taken in again, added; and a long letter in parts.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { act, day, openForm, send, upload } from '../lib/acts.mjs';

const letter = fileURLToPath(new URL('../letters/feedback.txt', import.meta.url));

export async function run(walk) {
  await rows(walk);
  await long(walk);
}

const count = (page) => page.locator('[data-rows] > .fcard').count();

async function rows(walk) {
  const page = await walk.as('clerk');
  await upload(page, letter, { received_on: day(-1), region: '石桥镇' });
  const before = await count(page);

  await page.locator('[data-pick]').nth(0).check();
  await page.locator('[data-pick]').nth(1).check();
  await act(page, '/merge');
  walk.equal(await count(page), before - 1, 'two rows are one');
  await walk.reads(page, '已合并 2 行');

  await page.locator('[data-edit]').first().click();
  await page.waitForURL(/edit=/);
  const form = page.locator('.fcard form:has(input[name="title"])');
  await form.locator('[name="problem"]').fill('一号水池盖板破损\n二号水池没有围栏');
  await walk.look(page, 'row-form');
  await send(page, form);
  await act(page, '/split');
  await walk.reads(page, '已拆成 2 行', '二号水池没有围栏');
  walk.equal(await count(page), before, 'one row is two again');
  await walk.look(page, 'split');

  await act(page, '/exclude');
  walk.equal(await page.locator('.fcard.off').count(), 1, 'a row is left out');
  await act(page, '/include');
  walk.equal(await page.locator('.fcard.off').count(), 0, 'and taken in again');

  await page.goto(`${new URL(page.url()).pathname}?edit=new`);
  const added = page.locator('#row-new form');
  await added.locator('[name="title"]').fill('口头反馈的问题');
  await added.locator('[name="problem"]').fill('村口公告栏没有更新');
  await send(page, added);
  await walk.reads(page, '口头反馈的问题');
  walk.equal(await count(page), before + 1, 'a row is added');
}

/** A letter of 200 findings: the text and its rows come in parts that keep the budget. */
async function long(walk) {
  const page = await walk.as('clerk');
  const filler = '部分农户在枯水期取水不便，管护台账记录不全，需要逐户核实并补齐资料。'.repeat(9);
  const items = Array.from({ length: 200 }, (_, at) =>
    [
      `${at + 1}.第${at + 1}个问题仍然存在。${filler}`,
      '    整改措施：（1）逐户核实；（2）补齐资料。',
      '    牵头单位：镇水管站',
      '    整改时限：2026年12月20日',
    ].join('\n'),
  );
  const head = '关于石桥镇专项检查反馈问题的整改方案\n\n各村、镇直各单位：\n    现制定整改方案。\n';
  const file = join(walk.server.data, 'long.txt');
  await writeFile(file, `${head}一、反馈问题及整改措施\n${items.join('\n')}\n`);
  await upload(page, file, { received_on: day(-1), region: '石桥镇' });
  await walk.reads(page, '第 1 段');
  const first = await count(page);
  walk.check(first > 20 && first < 190, `the first part holds ${first} of 200 rows`);
  await page.locator('a[rel="next"]').first().click();
  await page.waitForURL(/part=2/);
  const place = await page.locator('.fcard').first().getAttribute('data-row');
  walk.equal(Number(place), first + 1, 'the second part goes on where the first ended');
  await walk.look(page, 'part');

  await page.locator('.fcard [data-edit]').first().click();
  await page.waitForURL(/edit=/);
  await walk.reads(page, '第 2 段');
  const form = page.locator('.fcard form:has(input[name="title"])');
  await form.locator('[name="title"]').fill('长文里改过的一行');
  await send(page, form);
  await walk.reads(page, '第 2 段', '长文里改过的一行');
  const go = await openForm(page, new URL(page.url()).pathname);
  await go.locator('[name="part"]').fill('3');
  await go.locator('button').click();
  await page.waitForURL(/part=3/);
  await walk.reads(page, '第 3 段');
}
