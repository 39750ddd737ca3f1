// The first page anybody sees: it explains itself, refuses a wrong password, and is accessible.

import { over } from '../lib/weight.mjs';

export async function run(walk) {
  const page = await walk.open();
  const answer = await page.goto('/');
  walk.equal(answer.status(), 200, 'the first page answers');
  walk.check(page.url().includes('/sign-in'), 'a stranger is asked to sign in');
  walk.equal(await page.locator('html').getAttribute('lang'), 'zh-CN', 'Chinese is the source');
  walk.equal(await page.locator('h1').count(), 1, 'one main heading');
  await walk.look(page, 'sign-in');

  await walk.fillSignIn(page, 'clerk', 'wrong password 1');
  await page.locator('[role="alert"]').first().waitFor();
  walk.check(page.url().includes('/sign-in'), 'a wrong password does not sign in');
  const typed = await page.locator('input[name="login"]').inputValue();
  walk.equal(typed, 'clerk', 'the name that was typed is still there');
  await walk.look(page, 'refused');

  const found = await walk.weigh(page, '/sign-in');
  walk.equal(over(found), [], `the sign-in page keeps the budget: ${JSON.stringify(found)}`);

  await walk.signIn(page, 'clerk');
  await walk.reads(page, '周雯');
  await walk.look(page, 'queue');
}
