// What pages weigh and when they are painted on the test phone, against the budget.

import { over } from '../lib/weight.mjs';

export async function run(walk) {
  const page = await walk.as('clerk');
  await page.goto('/issues');
  const finding = await page.locator('[data-open]').first().getAttribute('href');
  const broken = [];
  await page.goto('/households');
  const household = await page.locator('[data-open]').first().getAttribute('href');
  for (const path of [
    '/',
    '/issues',
    finding,
    `${finding}/edit`,
    '/issues/new',
    '/letters/new',
    '/reports',
    '/import',
    '/feedback',
    '/households',
    household,
    '/doubts',
    '/rules/ARC-003',
    '/runs',
  ]) {
    const found = await walk.weigh(page, path);
    const lines = over(found);
    if (lines.length > 0) broken.push(`${path}: ${lines.join(', ')} in ${JSON.stringify(found)}`);
    walk.checks += 5;
  }
  walk.equal(broken, [], 'every page keeps the budget');
}
