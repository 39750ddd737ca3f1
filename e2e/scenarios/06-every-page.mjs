// Every page that a link leads to, for four people, in standard and elder mode and in English: it
// answers, has one heading and a title, fits both sizes, and axe finds nothing.

import { SIZES } from '../lib/walk.mjs';

const PEOPLE = ['clerk', 'county', 'village', 'admin', 'audit'];
const PAGES_PER_PERSON = 90;

/** Pages that the links must lead to, by person. */
const REACHED = {
  clerk: [
    '/issues/new',
    '/issues/{id}/edit',
    '/issues/{id}/criterion',
    '/feedback',
    '/letters/{id}',
    '/export',
    '/households/{id}',
    '/households/{id}/add',
    '/households/new',
    '/households/{id}/print',
    '/households/{id}/agreement',
    '/households/{id}/change/split',
    '/agreement',
    '/records/{id}',
    '/records/{id}/edit',
    '/records/{id}/history',
    '/doubts/{id}',
    '/rules/{code}',
    '/runs',
    '/proposals',
    '/cleared',
  ],
  county: ['/issues/{id}/close', '/inspections/{id}'],
  village: ['/notices', '/households/{id}', '/doubts/{id}'],
  audit: ['/audit'],
  admin: ['/feedback/list', '/clock', '/users/{id}', '/calendar'],
};

/** Buttons of the top bar, and what the page then says of itself. */
const MODES = [
  ['size', 'elder', '[data-ui="elder"]'],
  ['language', 'en', '[lang="en"]'],
];

export async function run(walk) {
  for (const person of PEOPLE) {
    const page = await walk.as(person);
    const paths = await reachable(walk, page);
    walk.notes.push(`${person}: ${paths.size} pages`);
    const missed = REACHED[person].filter((kind) => !paths.has(kind));
    walk.equal(missed, [], `links lead ${person} there`);
    for (const [kind, path] of paths) await look(walk, page, path, `${person}${name(kind)}`);
  }
  const page = await walk.as('clerk');
  for (const [field, value, mark] of MODES) {
    await page.goto('/');
    const button = page.locator(`button[name="${field}"][value="${value}"]`).first();
    await Promise.all([page.waitForEvent('framenavigated'), button.click()]);
    await page.waitForLoadState('load');
    walk.equal(await page.locator(`html${mark}`).count(), 1, `${field} ${value} is kept`);
    const own = await household(page);
    const paths = ['/', '/issues', '/letters/new', '/reports', '/import', await finding(page)];
    paths.push('/households', own, '/doubts', '/rules', '/rules/ARC-003', '/runs', '/cleared');
    for (const path of paths) {
      await page.goto(path);
      await walk.look(page, `${value}${name(path)}`);
    }
  }
}

/** One address for each kind of page, from the links of the pages seen so far. */
async function reachable(walk, page) {
  const kinds = new Map([['/', '/']]);
  for (const path of kinds.values()) {
    const answer = await page.goto(path);
    walk.check(answer.status() < 400, `${path} answers ${answer.status()}`);
    const links = await page.locator('a[href^="/"]:not([download])').evaluateAll((all) =>
      all.map((link) => link.getAttribute('href').split('#')[0]),
    );
    for (const link of links) {
      const path = link.split('?')[0].replace(/^\/rules\/.+/, '/rules/{code}');
      const kind = path.replace(/\/[0-9A-Za-z_-]{16,}/g, '/{id}');
      const fetched = /^\/(assets|files)\/|.\/(file|docx|export|template|errors|[^/]+\.xlsx)$/.test(kind);
      if (!fetched && !kinds.has(kind) && kinds.size < PAGES_PER_PERSON) kinds.set(kind, link);
    }
  }
  return kinds;
}

async function look(walk, page, path, title) {
  await page.goto(path);
  walk.equal(await page.locator('h1').count(), 1, `${path} has one main heading`);
  walk.check((await page.title()).length > 2, `${path} has a title`);
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await walk.fits(page);
    await walk.picture(page, `${title}-${size}`);
  }
  await walk.accessible(page);
  await page.setViewportSize(SIZES.desk);
  await walk.accessible(page);
}

async function finding(page) {
  await page.goto('/issues');
  return page.locator('[data-open]').first().getAttribute('href');
}

async function household(page) {
  await page.goto('/households');
  return page.locator('[data-open]').first().getAttribute('href');
}

function name(path) {
  if (path.startsWith('/issues/0')) return '-finding';
  if (path.startsWith('/households/0')) return '-household';
  return path.replaceAll('/', '-');
}
