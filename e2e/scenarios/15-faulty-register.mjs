// A list from the national system with forty kinds of fault: each comes back at its cell, the good
// rows go in and are judged, a newer list shows what changed and, said to be complete, what it
// lacks; a list without numbers changes nothing the second time; a run judges all.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { act, day, fill, runRules, send } from '../lib/acts.mjs';
import { sheetRows, workbook } from '../lib/workbook.mjs';

const HEADS = [
  '行政村',
  '户编号',
  '户主姓名',
  '家庭人口',
  '监测对象类别',
  '识别监测时间',
  '致贫返贫风险',
  '是否危房户',
  '人编号',
  '姓名',
  '证件号码',
  '性别',
  '出生日期',
  '与户主关系',
  '健康状况',
  '是否参加城乡居民基本医疗保险',
  '增加原因',
  '减少日期',
  '工资性收入',
  '合规自付支出',
  '公益性岗位月数',
  '减少原因',
  '个人联系电话',
  '民族',
];

/** The column, and what stands there that cannot be taken. */
const FAULTS = [
  ['姓名', ''],
  ['户编号', ''],
  ['证件号码', 990101198001010000],
  ['证件号码', '9.90101E+17'],
  ['证件号码', '99010119800101001'],
  ['证件号码', '9901011980010100111'],
  ['证件号码', '990101198001010010'],
  ['证件号码', '990101198002300011'],
  ['证件号码', '99010119800101OO1X'],
  ['人编号', 1234567890123456],
  ['户编号', '9.901E+11'],
  ['户编号', { formula: 'A1&1' }],
  ['工资性收入', { formula: '1+1' }],
  ['性别', '难'],
  ['与户主关系', '配隅'],
  ['健康状况', '一般般吧'],
  ['监测对象类别', '困难大户'],
  ['致贫返贫风险', '因病、因懒惰'],
  ['增加原因', '不知道'],
  ['减少原因', '走了'],
  ['出生日期', '2026-13-45'],
  ['减少日期', '2026/02/30'],
  ['出生日期', '记不清'],
  ['出生日期', '1980年'],
  ['出生日期', '5月20日'],
  ['减少日期', 5.5],
  ['识别监测时间', '2023年13月'],
  ['识别监测时间', 2023.1],
  ['家庭人口', '三口'],
  ['家庭人口', 2.5],
  ['家庭人口', -1],
  ['家庭人口', 100],
  ['公益性岗位月数', 25],
  ['是否参加城乡居民基本医疗保险', '也许'],
  ['是否危房户', '2'],
  ['工资性收入', '一万元左右'],
  ['合规自付支出', '12.345'],
  ['户主姓名', '甲乙丙丁戊己庚辛壬癸'.repeat(7)],
  ['人编号', 'P-0'],
  ['行政村', '不存在的某某地方村'],
  ['行政村', '马塘存'],
];

/** An identity number of no real division, with its check character (GB 11643). */
function identity(serial) {
  const body = `99010119800101${String(serial).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + '10X98765432'[sum % 11];
}

/** A row without a fault: a household of one. */
function goodRow(number) {
  const cells = {
    行政村: '马塘村',
    户编号: `H-${number}`,
    户主姓名: `甲某${number}`,
    家庭人口: '３',
    识别监测时间: '202305',
    致贫返贫风险: '因病',
    是否危房户: '否',
    人编号: `P-${number}`,
    姓名: `甲某${number}`,
    证件号码: identity(number),
    性别: '男',
    出生日期: '1980年1月1日',
    与户主关系: '户主',
    工资性收入: '1,200.50',
    公益性岗位月数: '3',
    民族: '某族',
  };
  return HEADS.map((head) => cells[head] ?? '');
}

function withCell(row, head, value) {
  return row.map((old, at) => (HEADS[at] === head ? value : old));
}

/** A cell's address: the heads stand in row 1, the good row in row 2. */
const place = (head, at) => ({ column: String.fromCharCode(65 + HEADS.indexOf(head)), row: at + 3 });

export async function run(walk) {
  const page = await walk.as('clerk');
  const faulty = FAULTS.map(([head, value], at) => withCell(goodRow(at + 1), head, value));
  await check(walk, page, 'faulty.xlsx', [HEADS, goodRow(0), ...faulty]);
  await eachAtItsCell(walk, page);
  await goodRowsGoIn(walk, page);
  await newerList(walk, page);
  await withoutNumbers(walk);
  await judged(walk);
}

/** Uploads a list and ends on the page that says what it would do. */
async function check(walk, page, name, rows, values = {}) {
  const file = join(walk.server.data, name);
  await writeFile(file, workbook(rows));
  await page.goto('/import');
  const form = page.locator('form[action="/import"]');
  await fill(form, { layout: 'national_persons', file, region: '石桥镇', ...values });
  await send(page, form);
}

async function eachAtItsCell(walk, page) {
  await walk.look(page, 'faults');
  const text = await page.locator('main').innerText();
  walk.check(text.includes('同类合并为一行'), 'alike faults stand together');
  walk.check(text.includes('民族'), 'it says that a column was dropped');
  walk.check(!text.includes('某族'), 'and shows nothing of it');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('a[href$="/errors"]').first().click(),
  ]);
  const rows = sheetRows(await readFile(await download.path()), 2);
  for (const [at, [head]] of FAULTS.entries()) {
    const { column, row } = place(head, at);
    const said = rows.get(row)?.at(-1) ?? '';
    walk.check(said.includes(`${column}列`), `${head} in row ${row}: “${said}”`);
  }
}

/** What was nearly right is accepted for all rows, what is still wrong stays out. */
async function goodRowsGoIn(walk, page) {
  await send(page, page.locator('form[action$="/fix"]').last());
  await walk.reads(page, '只导入通过的 3 行');
  await act(page, '/confirm');
  await walk.look(page, 'taken-in');
  await page.goto('/households?text=H-0');
  await walk.reads(page, 'H-0');
}

/** The next month's export: one household has grown, one is new, one is no longer in it. */
async function newerList(walk, page) {
  const grown = withCell(goodRow(0), '家庭人口', '4');
  const rows = [HEADS, grown, goodRow(60)];
  await check(walk, page, 'part.xlsx', rows);
  await walk.reads(page, '家庭人口', '按部分名册处理');
  const part = await page.locator('main').innerText();
  walk.check(!part.includes('P-15'), 'a part says nothing of whom it lacks');
  await check(walk, page, 'newer.xlsx', rows, { extent: 'complete' });
  await walk.reads(page, '家庭人口', '按全量名册处理', '共 2 条');
  await walk.look(page, 'newer');
  const text = await page.locator('main').innerText();
  walk.check(text.includes('P-15'), 'who is missing is named by number');
  walk.check(!text.includes('甲某15'), 'and by a masked name');
  await act(page, '/end', { record: 'P-15', on: day(), reason: '死亡' });
  await walk.reads(page, '待核实的减少');
  await act(page, '/confirm');
  await walk.look(page, 'newer-taken-in');
}

/** A list without numbers: two equal rows are two records, and the same file changes nothing. */
async function withoutNumbers(walk) {
  const page = await walk.as('county');
  const list = [
    ['姓名', '证件号码', '死亡日期'],
    ['丙某', identity(900), '2020-01-05'],
    ['丙某', identity(900), '2020-01-05'],
    ['丁某', identity(901), '2020-02-05'],
  ];
  const values = { layout: 'death_record', region: '990101', extent: 'complete' };
  await check(walk, page, 'deaths.xlsx', list, values);
  await walk.reads(page, '新增 3，改动 0，不变 0', '按整行内容认定');
  await act(page, '/confirm');
  await check(walk, page, 'deaths.xlsx', list, values);
  await walk.reads(page, '新增 0，改动 0，不变 3', '与系统里的一样');
  const text = await page.locator('main').innerText();
  walk.check(!text.includes('共 1 条'), 'and nothing is missing');
  const changed = list.map((row, at) => (at === 3 ? [row[0], row[1], '2020-03-05'] : row));
  await check(walk, page, 'deaths-newer.xlsx', changed, values);
  await walk.reads(page, '新增 1，改动 0，不变 2', '共 1 条');
  const shown = await page.locator('main').innerText();
  walk.check(shown.includes('2020-02-05'), 'who is missing is named by what stands there');
  walk.check(!shown.includes('丁某') && !shown.includes(identity(901)), 'with names masked');
  await walk.look(page, 'without-numbers');
}

/** All rules over all records; the imported rows are among what was judged. */
async function judged(walk) {
  const page = await walk.as('clerk');
  await runRules(page);
  await walk.look(page, 'runs');
  await page.goto('/doubts?text=H-60');
  await walk.look(page, 'doubts');
}
