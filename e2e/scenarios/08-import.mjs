// An existing ledger comes in as a workbook: good rows may go in, bad ones come back in the user's
// own file, and the batch can be taken back.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { act, day, fill, send } from '../lib/acts.mjs';
import { workbook } from '../lib/workbook.mjs';

const HEADS = ['序号', '问题类别', '存在问题', '整改措施', '牵头单位', '责任单位', '整改时限'];
const ROWS = [
  HEADS,
  ['1', '饮水安全', '马塘村水池盖板破损', '更换盖板', '镇水管站', '马塘村', day(20)],
  ['2', '住房安全', '青石村两户房屋裂缝未处理', '鉴定并修缮', '镇乡村振兴办', '青石村', day(40)],
  ['3', '档案资料', '', '补齐', '镇乡村振兴办', '岩脚村', day(30)],
  ['4', '档案资料', '公示记录缺页', '补齐', '镇乡村振兴办', '岩脚村', '2026-13-45'],
];

export async function run(walk) {
  const page = await walk.as('clerk');
  const file = join(walk.server.data, 'ledger.xlsx');
  await writeFile(file, workbook(ROWS));
  await page.goto('/issues');
  const before = await page.locator('main').innerText();
  await page.goto('/import');
  await walk.look(page, 'import');
  const form = page.locator('form[action="/import"]');
  await fill(form, { file, region: '石桥镇' });
  await send(page, form);
  await walk.reads(page, '必填项', '没有“2026-13-45”这一天', '只导入通过的 2 行');
  await walk.look(page, 'checked');

  const link = page.locator('a[href$="/errors"]');
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const back = await readFile(await download.path());
  walk.equal(back.subarray(0, 2).toString(), 'PK', 'the bad rows come back as a workbook');

  await act(page, '/confirm', {
    title: '移交的旧台账',
    source_kind: 'self_check',
    source_level: 'own',
  });
  await walk.look(page, 'confirmed');
  await page.goto(`/issues?text=${encodeURIComponent('盖板破损')}`);
  await walk.reads(page, '马塘村水池盖板破损');

  await page.goto('/import');
  await page.locator('a', { hasText: 'ledger.xlsx' }).first().click();
  await act(page, '/back');
  await page.goto(`/issues?text=${encodeURIComponent('盖板破损')}`);
  const after = await page.locator('main').innerText();
  walk.check(!after.includes('马塘村水池盖板破损'), 'the batch is taken back');
  walk.check(before.length > 0, 'the ledger was not empty before');
}
