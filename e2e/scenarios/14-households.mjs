// A household changes: somebody joins, a part splits off (without scripts, proposed by the village,
// accepted by the township), the split is taken back; three sources are compared; the household is
// printed; a rule shows its past runs.

import { act, day, refused, runRules } from '../lib/acts.mjs';

const MEMBERS = [
  ['甲壬癸', '户主', '1970-03-01'],
  ['乙壬癸', '配偶', '1972-05-01'],
  ['丙壬癸', '之子', '1998-07-01'],
];

export async function run(walk) {
  const address = await household(walk);
  for (const member of MEMBERS) await join(walk, address, member);
  const proposal = await split(walk, address);
  await decide(walk, proposal);
  await takeBack(walk, address);
  await sources(walk, address);
  await origins(walk, address);
  await paper(walk, address);
  await pastRuns(walk);
  await leave(walk, address);
}

async function household(walk) {
  const page = await walk.as('clerk');
  await page.goto('/households/new');
  await act(page, '/households/new', {
    village: '马塘村',
    household_no: '990199990011',
    head_name: '甲壬癸',
    household_type: 'ordinary',
    is_active: 'yes',
    population: '0',
    change_reason: '入户核实',
  });
  await page.waitForURL(/\/households\/[0-9a-z]{20,}$/);
  return new URL(page.url()).pathname;
}

async function join(walk, address, [name, relation, born]) {
  const page = await walk.as('clerk');
  await page.goto(address);
  await page.locator(`a[href="${address}/change/join"]`).click();
  await page.waitForURL(/\/change\/join$/);
  if (name === MEMBERS[0][0]) {
    const words = await refused(page, '/change/join', { change_reason: '户口簿' });
    walk.check(words.includes('姓名'), `a name is asked for: ${words}`);
    await walk.look(page, 'join');
  }
  await act(page, '/change/join', {
    join_reason: 'recorded_late',
    person_name: name,
    person_relation: relation,
    person_birth_date: born,
    change_reason: '户口簿',
  });
  await page.waitForURL(/\/changes\/[0-9a-z]{20,}$/);
  walk.check(!(await page.content()).includes(name), 'the name is masked');
}

/** The village splits the son off, on a page without scripts. */
async function split(walk, address) {
  const page = await walk.as('village', { scripts: false });
  await page.goto(`${address}/change/split`);
  await walk.reads(page, '提交后由乡镇审核');
  const words = await refused(page, '/change/split', { change_reason: '分户申请' });
  walk.check(words.includes('请选择人员'), `people are asked for: ${words}`);
  const son = page.locator('label:has([name="persons"])', { hasText: '1998-07-01' });
  await son.locator('input').check();
  await act(page, '/change/split', {
    changed_on: day(-1),
    other_number: '990199990012',
    head_person: '1998-07-01',
    change_reason: '分户申请',
  });
  await page.waitForURL(/\/proposals\/[0-9a-z]{20,}$/);
  await walk.look(page, 'split-proposed', { axe: false });
  const proposal = new URL(page.url()).pathname;
  await page.goto(address);
  await walk.reads(page, '待审核的变更');
  return proposal;
}

async function decide(walk, proposal) {
  const page = await walk.as('clerk');
  await page.goto(proposal);
  await walk.reads(page, '分户', '丙');
  await walk.look(page, 'split-decided');
  await act(page, '/decide', { decision: 'accepted' });
  await walk.reads(page, '已生效');
}

async function takeBack(walk, address) {
  const page = await walk.as('clerk');
  await page.goto(address);
  await walk.look(page, 'household-split');
  walk.equal(await page.locator('#members tbody tr').count(), 2, 'two stayed');
  await page.locator('#changes a', { hasText: '分户' }).last().click();
  await page.waitForURL(/\/changes\/[0-9a-z]{20,}$/);
  await walk.reads(page, '写入的记录', '990199990012');
  await walk.look(page, 'change');
  const words = await refused(page, '/undo', { undo_reason: '' });
  walk.check(words.includes('撤销原因'), `a reason is asked for: ${words}`);
  await act(page, '/undo', { undo_reason: '当事人改了主意' });
  await walk.reads(page, '已撤销', '当事人改了主意');
  await page.goto(address);
  walk.equal(await page.locator('#members tbody tr').count(), 3, 'all are back');
}

/** Two sources say something different; the page says so and leads to the doubt. */
async function sources(walk, address) {
  const page = await walk.as('clerk');
  const number = '990199990011';
  for (const [source, text] of [['国家系统', '3'], ['纸质档案', '4'], ['入户核实', '3']]) {
    await page.goto(`${address}/agreement`);
    await page.locator(`a[href$="/add?ledger=field_source"]`).click();
    await page.waitForURL(/ledger=field_source$/);
    await act(page, '/add?ledger=field_source', {
      subject: number,
      field: 'population',
      value_source: source,
      value_text: text,
      recorded_on: day(-2),
    });
  }
  await page.goto(`${address}/agreement`);
  await walk.reads(page, '家庭人口', '不一致', 'ARC-007');
  await walk.look(page, 'agreement');
  await page.goto('/agreement');
  await walk.look(page, 'agreement-villages');
  await page.locator('a[data-open]', { hasText: '马塘村' }).first().click();
  await page.waitForURL(/region=/);
  await walk.reads(page, '家庭人口');
  await walk.look(page, 'agreement-village');
}

async function origins(walk, address) {
  const page = await walk.as('clerk');
  await page.goto(address);
  await page.locator('a.btn[href$="?ledger=household"]', { hasText: '来源' }).click();
  await page.waitForURL(/\/records\/.*ledger=household$/);
  await walk.reads(page, '户主姓名', '写过');
  await walk.look(page, 'origins');
  await page.locator('a[href*="&field=population"]').click();
  await page.waitForURL(/field=population/);
  await walk.reads(page, '家庭人口');
}

async function paper(walk, address) {
  const page = await walk.as('clerk');
  await page.goto(address);
  await page.locator(`a[href="${address}/print"]`).click();
  await page.waitForURL(/\/print$/);
  walk.equal(await page.locator('main a.btn:visible').count(), 0, 'nothing to press on paper');
  await walk.look(page, 'print');
  await page.emulateMedia({ media: 'print' });
  walk.equal(await page.locator('nav.nav').isVisible(), false, 'no menu on paper');
  await page.emulateMedia({ media: null });
}

async function pastRuns(walk) {
  const page = await walk.as('clerk');
  for (let run = 0; run < 2; run += 1) {
    await runRules(page);
  }
  await page.goto('/rules/ARC-007');
  await walk.reads(page, '历次核查', '核查日期');
  walk.check((await page.locator('figure svg polyline').count()) >= 2, 'there is a curve');
  await walk.look(page, 'rule-history');
  await page.locator('a[href*="rule=ARC-007"][href*="on="]').first().click();
  await page.waitForURL(/on=/);
  await walk.reads(page, 'ARC-007');
}

async function leave(walk, address) {
  const page = await walk.as('clerk');
  await page.goto(`${address}/change/leave`);
  await walk.look(page, 'leave');
  const head = page.locator('label:has([name="persons"])', { hasText: '1970-03-01' });
  await head.locator('input').check();
  await act(page, '/change/leave', {
    left_reason: 'died',
    head_person: '1972-05-01',
    change_reason: '死亡证明',
  });
  await page.goto(address);
  await walk.reads(page, '已减少', '户变动');
  await page.goto(`${address}/change/end`);
  await act(page, '/change/end', { end_reason: 'moved_out', change_reason: '户口迁出' });
  await page.goto(address);
  await walk.reads(page, '已终止');
  walk.equal(await page.locator(`a[href="${address}/change/join"]`).count(), 0, 'it has ended');
}
