// A stricter edition of a rule in trial beside the one in force, replayed over the snapshots that
// were kept: both editions line by line, who would have been flagged and when, and how much work.

import { act, runRules } from '../lib/acts.mjs';

const RULE = 'ARC-003';
const PAGE = `/rules/${RULE}/trial`;

/** In force, the same day passes; in trial it does not, and three days are given to answer. */
export const countyFiles = {
  [`codebook/rules-trial/${RULE}.md`]: `+++
violates = "exit_confirmed_on <= exit_applied_on"
due_days = 3
+++
# 脱贫确认不晚于申请

当天申请当天确认，没有公示的时间。

怎么改：查原始申请书和确认表。

| exit_applied_on | exit_confirmed_on | outcome |
|-----------------|-------------------|---------|
| 2018-09-01 | 2018-11-20 | passes |
| 2018-11-20 | 2018-11-20 | violates |
|  | 2018-11-20 | undecided |
`,
};

export async function run(walk) {
  await before(walk);
  const early = await household(walk, '990199990011', '2018-11-20');
  await household(walk, '990199990012', '2018-09-01');
  const clerk = await walk.as('clerk');
  await runRules(clerk);
  await replayed(walk, clerk, early);
  await household(walk, '990199990013', '2018-11-20');
  await runRules(clerk);
  await again(walk, clerk);
  await opensNothing(walk, clerk, early);
  await otherWays(walk);
}

/** The way to it, and both editions side by side, while neither flags anybody. */
async function before(walk) {
  const page = await walk.as('clerk');
  await page.goto('/rules');
  await walk.reads(page, '试行的规则');
  await page.locator(`a[href="/rules/${RULE}"]`).first().click();
  await page.waitForURL(new RegExp(`/rules/${RULE}$`));
  await page.locator(`a[href="${PAGE}"]`).click();
  await page.waitForURL(new RegExp(`${PAGE}$`));
  await walk.reads(page, '现行版', '试行版', '3 个工作日', '两版都没有标出记录');
  await walk.look(page, 'before');
}

/** A lifted household that applied on this day; gives its address. */
async function household(walk, number, applied) {
  const page = await walk.as('clerk');
  await page.goto('/households/new');
  await act(page, '/households/new', {
    village: '马塘村',
    household_no: number,
    head_name: '甲乙丙',
    household_type: 'lifted',
    is_active: 'yes',
    exit_applied_on: applied,
    exit_confirmed_on: '2018-11-20',
    change_reason: '入户核实',
  });
  await page.waitForURL(/\/households\/[0-9a-z]{20,}$/);
  return new URL(page.url()).pathname;
}

/** Numbers of the newest snapshot's line: in force, in trial, added, removed, undecided. */
async function newest(page) {
  const cells = await page.locator('#replay tbody tr').first().locator('td').allInnerTexts();
  return cells.map((text) => Number(text.trim().split('\n')[0]));
}

async function replayed(walk, page, early) {
  await page.goto(PAGE);
  await walk.reads(page, 'exit_confirmed_on < exit_applied_on', 'exit_confirmed_on <= exit_applied_on');
  const [old, trial, added, removed] = await newest(page);
  walk.equal([trial - old, added, removed], [1, 1, 0], 'one more is flagged');
  await walk.reads(page, '马塘村', '答复期限：3 个工作日');
  await walk.look(page, 'replayed');
  // The count leads to the rows, and a row to its record.
  await page.locator('#replay tbody tr').first().locator('a').first().click();
  const row = page.locator('[data-flagged]').first();
  await row.waitFor();
  await walk.reads(page, '990199990011');
  walk.check(!(await page.content()).includes('甲乙丙'), 'names are masked');
  await row.scrollIntoViewIfNeeded();
  await walk.look(page, 'flagged');
  await row.click();
  await page.waitForURL(new RegExp(`${early}$`));
}

async function again(walk, page) {
  await page.goto(PAGE);
  const rows = page.locator('#replay tbody tr');
  walk.check((await rows.count()) >= 1, 'every kept snapshot has a line');
  const [, , added] = await newest(page);
  walk.equal(added, 2, 'the second household of that kind');
  await walk.look(page, 'again');
}

/** An edition in trial asks nobody. */
async function opensNothing(walk, page, early) {
  await page.goto(early);
  await walk.look(page, 'household');
  walk.equal(await page.locator(`#doubts a[href*="${RULE}"]`).count(), 0, 'no doubt is opened');
  const text = await page.locator('body').innerText();
  walk.check(!text.includes('早于脱贫申请日期'), 'the rule in force lets the same day pass');
}

async function otherWays(walk) {
  const english = await walk.as('clerk', { scripts: false });
  await english.goto(PAGE);
  await english.locator('button[name="language"][value="en"]').first().click();
  await english.waitForSelector('html[lang="en"]');
  await english.goto(PAGE);
  await walk.reads(english, 'In force', 'In trial', '3 working days');
  await walk.look(english, 'english', { axe: false });
  await english.locator('button[name="language"][value="zh"]').first().click();
  await english.waitForSelector('html[lang="zh-CN"]');
  const keys = await walk.as('clerk');
  await keys.goto(PAGE);
  await walk.tabTo(keys, '#replay tbody a', 120);
  await keys.keyboard.press('Enter');
  await keys.waitForURL(/#added-/);
  const village = await walk.as('village');
  await village.goto(`/rules/${RULE}`);
  walk.equal(await village.locator(`a[href="${PAGE}"]`).count(), 0, 'no way where no right is');
  await village.goto(PAGE);
  await walk.reads(village, '您没有这项权限');
  await walk.look(village, 'denied');
}
