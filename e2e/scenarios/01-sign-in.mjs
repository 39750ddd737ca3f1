// The first page anybody sees: it explains itself, refuses a wrong password, and is accessible.

import { over } from '../lib/weight.mjs';

export async function run(walk) {
  const page = await walk.open();
  const answer = await page.goto('/');
  walk.equal(answer.status(), 200, 'the first page answers');
  walk.check(page.url().includes('/login'), 'a stranger is asked to sign in');
  walk.equal(await page.locator('html').getAttribute('lang'), 'zh-CN', 'Chinese is the source');
  walk.equal(await page.locator('h1').count(), 1, 'one main heading');
  await walk.look(page, 'login');

  await page.locator('input[name="login"]').fill('nobody');
  await page.locator('input[type="password"]').fill('wrong password 1');
  await page.locator('form:has(input[type="password"]) [type="submit"]').click();
  await page.locator('[role="alert"]').first().waitFor();
  walk.check(page.url().includes('/login'), 'a wrong password does not sign in');
  await walk.look(page, 'refused');

  const found = await walk.weigh(page, '/login');
  walk.equal(over(found), [], `the sign-in page keeps the budget: ${JSON.stringify(found)}`);
}
