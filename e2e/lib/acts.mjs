// What people do in Taizhang, as a hand does it: open a form, fill it, press its button.

import assert from 'node:assert/strict';

/** A date so many days from today, as the forms take it. */
export function day(offset = 0) {
  const moment = new Date(Date.now() + offset * 86_400_000);
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(moment);
}

/** Fills fields by name: text, area, list, radio, box or file. A list takes a part of its words. */
export async function fill(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.locator(`[name="${name}"]`);
    const kind = await field.first().evaluate((element) => element.type);
    if (kind === 'file') {
      await field.setInputFiles(value);
    } else if (kind === 'radio') {
      await form.locator(`[name="${name}"][value="${value}"]`).check();
    } else if (kind === 'checkbox') {
      for (const wanted of [value].flat()) await tick(form, name, wanted);
    } else if (kind === 'select-one') {
      await choose(field, value);
    } else {
      await field.fill(value);
    }
  }
}

async function tick(form, name, wanted) {
  const box = form.locator(`label:has([name="${name}"])`);
  const one = wanted === true ? box.first() : box.filter({ hasText: wanted }).first();
  await one.locator(`[name="${name}"]`).check();
}

/** Chooses an option by its value or by a part of its words. */
async function choose(list, wanted) {
  const options = await list.locator('option').evaluateAll((all) =>
    all.map((option) => ({ value: option.value, words: option.textContent.trim() })),
  );
  const found = options.find(({ value, words }) => value === wanted || words.includes(wanted));
  assert.ok(found, `no “${wanted}” among ${options.map(({ words }) => words).join(', ')}`);
  await list.selectOption(found.value);
}

/** The form that is sent to an address ending so; what hides it is opened first. */
export async function openForm(page, ending) {
  const form = page.locator(`form[action$="${ending}"]`).first();
  await form.waitFor({ state: 'attached' });
  const boxes = page.locator(`details:has(form[action$="${ending}"])`);
  for (let at = 0; at < (await boxes.count()); at += 1) {
    const box = boxes.nth(at);
    const isOpen = await box.evaluate((element) => element.open);
    if (!isOpen) await box.locator('summary').first().click();
  }
  return form;
}

/** Presses the form's own button and waits for the page that answers. */
export async function send(page, form) {
  const button = form.locator('button:not([name])').last();
  await Promise.all([page.waitForEvent('framenavigated'), button.click()]);
  await page.waitForLoadState('load');
}

/** Opens, fills and sends a form; what the page refuses fails the walk. */
export async function act(page, ending, values = {}) {
  const form = await openForm(page, ending);
  await fill(form, values);
  await send(page, form);
  await accepted(page);
}

/** Like `act`, and gives the words of the refusal, which must come. */
export async function refused(page, ending, values = {}) {
  const form = await openForm(page, ending);
  await fill(form, values);
  await send(page, form);
  const alert = page.locator('[role="alert"]').first();
  await alert.waitFor();
  return alert.innerText();
}

/** Judges everything by every rule, and ends on the list of runs when the last one is done. */
export async function runRules(page) {
  await page.goto('/runs');
  await act(page, '/runs');
  await page.goto('/runs');
  await page.waitForFunction(
    () => {
      const isRunning = document.body.innerText.includes('运行中');
      if (isRunning) globalThis.location.reload();
      return !isRunning;
    },
    null,
    { timeout: 60000, polling: 1000 },
  );
}

/** Fails when the page holds a refusal. */
export async function accepted(page) {
  const alerts = await page.locator('[role="alert"]:visible').allInnerTexts();
  assert.deepEqual(alerts, [], `nothing is refused on ${page.url()}`);
}

/** Uploads a letter and ends on its reading view. */
export async function upload(page, file, values = {}) {
  await page.goto('/letters/new');
  const form = page.locator('form[action="/letters"]');
  await fill(form, { file, ...values });
  await send(page, form);
  await page.waitForURL(/\/letters\/(?!new)[^/?#]+/);
  await accepted(page);
}

/** One step of the flow on the finding that the page shows. */
export async function step(page, name, values = {}) {
  await act(page, `/steps/${name}`, values);
}
