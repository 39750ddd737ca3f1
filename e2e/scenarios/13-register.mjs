// The register at work: a village proposes, the township accepts, the doubt closes; another doubt is
// explained and checked; a finding that rules judge is refused until the last row is mended.

import { act, fill, openForm, refused, runRules, send } from '../lib/acts.mjs';

/** Confirmed before it was applied for. */
const RULE = 'ARC-003';
const WRONG = { exit_applied_on: '2018-12-01', exit_confirmed_on: '2018年11月20日' };

export async function run(walk) {
  const first = await household(walk, '990199990001', '甲乙丙');
  await propose(walk, first);
  const second = await household(walk, '990199990002', '丁戊己');
  await explain(walk, second);
  await found(walk, second);
  await byRule(walk);
  await aRun(walk);
  await withoutScripts(walk, first);
  await byKeyboard(walk);
}

/** A household written through the pages; gives its address. */
async function household(walk, number, name) {
  const page = await walk.as('clerk');
  await page.goto('/households');
  await walk.look(page, 'households');
  await page.locator('a[href="/households/new"]').first().click();
  await page.waitForURL(/\/households\/new$/);
  const words = await refused(page, '/households/new', { head_name: name });
  walk.check(words.includes('村'), `the village is asked for: ${words}`);
  walk.equal(await page.locator('[name="head_name"]').inputValue(), name, 'the text is kept');
  await act(page, '/households/new', {
    village: '马塘村',
    household_no: number,
    household_type: 'lifted',
    is_active: 'yes',
    change_reason: '入户核实',
    ...WRONG,
  });
  await page.waitForURL(/\/households\/[0-9a-z]{20,}$/);
  walk.check(!(await page.content()).includes(name), 'the name is masked');
  await walk.reads(page, '马塘村', '早于脱贫申请日期');
  await walk.look(page, 'household');
  return new URL(page.url()).pathname;
}

async function propose(walk, address) {
  const page = await walk.as('village');
  await page.goto(address);
  await page.locator('[data-edit]').first().click();
  await page.waitForURL(/\/edit\?ledger=household$/);
  await walk.look(page, 'propose');
  await act(page, '/edit?ledger=household', {
    exit_applied_on: '20180901',
    change_reason: '查阅脱贫申请书原件',
  });
  await page.waitForURL(/\/proposals\/[0-9a-z]{20,}$/);
  await walk.reads(page, '2018-12-01', '2018-09-01', '等乡镇审核');
  walk.equal(await page.locator('form[action$="/decide"]').count(), 0, 'not one’s own');
  const proposal = new URL(page.url()).pathname;
  await page.goto(address);
  await walk.reads(page, '早于脱贫申请日期', '待审核的变更');

  const clerk = await walk.as('clerk');
  await clerk.goto('/proposals');
  await walk.look(clerk, 'proposals');
  await clerk.locator(`a[href="${proposal}"]`).click();
  await clerk.waitForURL(new RegExp(proposal));
  await walk.look(clerk, 'proposal');
  const words = await refused(clerk, '/decide', { decision: 'refused' });
  walk.check(words.includes('原因'), `sending back needs a reason: ${words}`);
  await act(clerk, '/decide', { decision: 'accepted' });
  await walk.reads(clerk, '已生效');
  await clerk.goto(`/doubts?tab=closed&rule=${RULE}`);
  await walk.reads(clerk, '早于脱贫申请日期', '已清零');
  await walk.look(clerk, 'closed');
  await clerk.goto('/cleared');
  await walk.reads(clerk, RULE, '马塘村');
  await walk.look(clerk, 'cleared');
}

/** Opens the doubt of the rule from the household's page. */
async function openDoubt(page, address) {
  await page.goto(address);
  await page.locator('#doubts a', { hasText: '早于脱贫申请日期' }).click();
  await page.waitForURL(/\/doubts\/[0-9a-z]{20,}$/);
  return new URL(page.url()).pathname;
}

async function explain(walk, address) {
  const page = await walk.as('village');
  const doubt = await openDoubt(page, address);
  await walk.look(page, 'doubt');
  const words = await refused(page, '/answer', { answer: 'mended' });
  walk.check(words.includes('仍然'), `nothing was mended: ${words}`);
  await act(page, '/answer', { answer: 'explained', answer_note: '申请书是补写的，原表在镇档案室' });
  await walk.reads(page, '答复等乡镇审核');

  const clerk = await walk.as('clerk');
  await clerk.goto('/doubts?tab=answered');
  await clerk.locator(`a[href="${doubt}"]`).click();
  await clerk.waitForURL(new RegExp(doubt));
  await walk.look(clerk, 'check');
  await act(clerk, '/check', { result: 'accepted', check_note: '原表已看' });
  await walk.reads(clerk, '不再提示', '原表已看');
}

/** A name is looked for by a posted form and never stands in an address. */
async function found(walk, address) {
  const page = await walk.as('clerk');
  await page.goto('/households');
  const form = await openForm(page, '/households/find');
  await fill(form, { text: '丁戊己' });
  await send(page, form);
  walk.equal(new URL(page.url()).pathname, address, 'the only one is opened');
  walk.check(!decodeURIComponent(page.url()).includes('丁'), 'no name in the address');
}

/** A finding that waits for acceptance, as somebody who may accept it. */
async function waiting(walk) {
  for (const person of ['leader', 'supervision', 'county']) {
    const page = await walk.as(person);
    await page.goto('/issues?state=submitted');
    const links = await page.locator('[data-open]').evaluateAll((all) =>
      all.map((link) => link.getAttribute('href')),
    );
    for (const link of links) {
      await page.goto(link);
      if ((await page.locator('form[action$="/steps/accept"]').count()) > 0) {
        return { page, address: link };
      }
    }
  }
  throw new Error('no finding waits for acceptance');
}

const PASSED = { result: 'passed', sample: '抽查6户', sample_size: '6', sample_failed: '0' };

async function byRule(walk) {
  const { page, address } = await waiting(walk);
  const clerk = await walk.as('clerk');
  await clerk.goto(address);
  await clerk.locator(`a[href="${address}/criterion"]`).click();
  await clerk.waitForURL(/\/criterion$/);
  await walk.look(clerk, 'no-criterion');
  await clerk.goto(`${address}/criterion?rules=all`);
  await act(clerk, '/criterion', { criterion_rules: RULE });
  await walk.reads(clerk, '改好后才能验收', RULE);
  await walk.look(clerk, 'criterion');

  await page.goto(address);
  await walk.reads(page, `销号规则 ${RULE}`, '改好后才能验收');
  const words = await refused(page, '/steps/accept', PASSED);
  walk.check(words.includes('销号规则'), `a row still violates: ${words}`);
  const mended = await mendAll(clerk, `${address}/criterion`);
  walk.check(mended > 0, `${mended} rows were mended`);
  await walk.reads(clerk, '可以验收');
  await walk.look(clerk, 'criterion-met');
  await page.goto(address);
  await act(page, '/steps/accept', PASSED);
  walk.equal(await page.locator('form[action$="/steps/accept"]').count(), 0, 'it is accepted');
}

/** Mends every row that the finding's rule still sees; gives their number. */
async function mendAll(page, criterion) {
  for (let mended = 0; mended < 20; mended += 1) {
    await page.goto(criterion);
    const rows = page.locator('[data-open]');
    if ((await rows.count()) === 0) return mended;
    await rows.first().click();
    await page.waitForURL(/\/doubts\//);
    const doubt = new URL(page.url()).pathname;
    await page.locator('[data-edit]').click();
    await page.waitForURL(/\/edit\?ledger=household&back=/);
    await act(page, '/edit?ledger=household', { exit_applied_on: '2014-01-02' });
    await page.waitForURL(new RegExp(doubt));
    await page.locator('text=数据已更正').waitFor();
  }
  throw new Error('there is no end to the rows');
}

async function aRun(walk) {
  const page = await walk.as('clerk');
  await page.goto('/runs');
  await walk.look(page, 'runs');
  await runRules(page);
  await walk.reads(page, '全面核查', '已完成');
  await page.goto('/rules');
  await walk.look(page, 'rules');
  await page.goto(`/rules/${RULE}`);
  await walk.reads(page, 'exit_confirmed_on < exit_applied_on', '无法判断');
  await walk.look(page, 'rule');
}

async function withoutScripts(walk, address) {
  const page = await walk.as('clerk', { scripts: false });
  await page.goto(`${address}/add?ledger=income`);
  await act(page, '/add?ledger=income', {
    year: '2025',
    net_income: '28,000',
    net_income_per_capita: '7000',
  });
  await walk.reads(page, '28,000');
  await walk.look(page, 'income', { axe: false });
}

async function byKeyboard(walk) {
  const page = await walk.as('clerk');
  await page.goto('/doubts?tab=all');
  await walk.tabTo(page, 'a[data-open]', 120);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/doubts\/[0-9a-z]{20,}$/);
}
