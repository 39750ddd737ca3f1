// The daily way without a mouse: sign in, move in the queue, open, write an entry, go back.

import { day } from '../lib/acts.mjs';
import { PASSWORD } from '../lib/people.mjs';

export async function run(walk) {
  const page = await walk.open();
  await page.goto('/sign-in');
  await walk.tabTo(page, 'input[name="login"]');
  await page.keyboard.type('clerk');
  await walk.tabTo(page, 'input[name="password"]');
  await page.keyboard.type(PASSWORD);
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState('load');

  await page.keyboard.press('Tab');
  const skip = await page.evaluate(() => document.activeElement.getAttribute('href'));
  walk.equal(skip, '#main', 'the first stop skips to the content');

  await page.goto('/issues');
  await page.locator('body').focus().catch(() => {});
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  walk.equal(await page.locator('[data-rows] > .cur').count(), 1, 'J moves from row to row');
  await page.keyboard.press('x');
  walk.equal(await page.locator('[data-pick]:checked').count(), 1, 'X picks the row');
  await walk.picture(page, 'row-picked');
  await page.keyboard.press('k');
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState('load');
  walk.check(/\/issues\/[^/]+$/.test(new URL(page.url()).pathname), 'Enter opens the row');

  await Promise.all([page.waitForURL(/\/edit$/), page.keyboard.press('e')]);
  await page.waitForLoadState('load');
  await walk.tabTo(page, 'input[name="title"]');
  await page.keyboard.press('End');
  await page.keyboard.type('（改）');
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Control+Enter')]);
  await page.waitForLoadState('load');
  await walk.reads(page, '（改）', '已保存');
  await page.goto('/issues');
  await walk.tabTo(page, '.tools summary');
  await page.keyboard.press('Enter');
  await walk.tabTo(page, '.tools input[name="name"]');
  await page.keyboard.type('键盘');
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState('load');
  await walk.reads(page, '视图已存', '键盘');

  await page.locator('body').focus().catch(() => {});
  await page.keyboard.press('/');
  const search = await page.evaluate(() => document.activeElement.getAttribute('name'));
  walk.equal(search, 'q', '/ goes to the search box');
  await page.keyboard.type(day().slice(0, 4));
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState('load');
  walk.check(page.url().includes('/search'), 'Enter searches');

  await page.goto('/letters/new');
  await walk.tabTo(page, 'input[name="file"]');
  await walk.tabTo(page, 'form[action="/letters"] button');
}
