// With scripts off everything can still be read and done: plain links, forms and pages.

import { fileURLToPath } from 'node:url';
import { act, day, step, upload } from '../lib/acts.mjs';

const letter = fileURLToPath(new URL('../letters/feedback.txt', import.meta.url));

export async function run(walk) {
  const page = await walk.as('clerk', { scripts: false });
  await walk.reads(page, '周雯');
  await upload(page, letter, { received_on: day(), region: '石桥镇' });
  const asked = await page.locator('[name="count_reason"]').count();
  await act(page, '/confirm', {
    inspection_title: '没有脚本的检查',
    source_kind: 'inspection',
    source_level: 'own',
    received_on: day(),
    ...(asked ? { count_reason: '原文两处重复' } : {}),
  });
  await page.goto('/issues');
  await page.locator('[data-open]').first().click();
  await page.waitForURL(/\/issues\/[^/?#]+/);
  await walk.picture(page, 'finding');

  const leader = await walk.as('leader', { scripts: false });
  await leader.goto('/issues?text=%E5%85%AC%E7%A4%BA%E7%A8%8B%E5%BA%8F');
  await leader.locator('[data-open]').first().click();
  await leader.waitForURL(/\/issues\/[^/?#]+/);
  await step(leader, 'claim', { cause: '没有专人保管' });
  walk.check(true, 'a step of the flow is taken without scripts');

  await page.goto('/search?q=%E6%B0%B4');
  walk.check((await page.locator('main a').count()) > 0, 'search answers without scripts');
}
