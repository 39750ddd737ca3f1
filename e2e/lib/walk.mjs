// What a scenario is handed: pages of both sizes, people who sign in, checks, pictures, weights.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { axeSource } from './modules.mjs';
import { PASSWORD, PEOPLE } from './people.mjs';
import { measure } from './weight.mjs';

/** The two sizes that every page is looked at in. */
export const SIZES = {
  desk: { width: 1366, height: 768 },
  phone: { width: 390, height: 844 },
};

/** The rules that pages are held to: WCAG 2.1 A and AA. */
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

export class Walk {
  constructor({ name, browser, server, output }) {
    this.name = name;
    this.browser = browser;
    this.server = server;
    this.output = output;
    this.checks = 0;
    this.contexts = [];
    this.troubles = [];
    this.notes = [];
  }

  /**
   * Opens an empty page in a browser session of its own.
   * `size` is a key of SIZES, `scripts` false switches JavaScript off, `language` is a tag.
   */
  async open({ size = 'desk', scripts = true, language = 'zh-CN', state } = {}) {
    const context = await this.browser.newContext({
      viewport: SIZES[size],
      javaScriptEnabled: scripts,
      locale: language,
      timezoneId: 'Asia/Shanghai',
      baseURL: this.server.url('/'),
      storageState: state,
      acceptDownloads: true,
    });
    context.setDefaultTimeout(15000);
    this.contexts.push(context);
    const page = await context.newPage();
    this.watch(page);
    return page;
  }

  /** Notes everything that must never happen on a page. */
  watch(page) {
    page.on('pageerror', (error) => this.troubles.push(`script error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/.test(message.text())) {
        this.troubles.push(`refused by the page's policy: ${message.text()}`);
      }
    });
    page.on('response', (answer) => {
      if (answer.status() >= 500) this.troubles.push(`${answer.status()} for ${answer.url()}`);
    });
    page.on('request', (request) => {
      const inside = request.url().startsWith(this.server.url(''));
      if (!inside && /^https?:/.test(request.url())) {
        this.troubles.push(`the page asked another host: ${request.url()}`);
      }
    });
  }

  /** Signs somebody of lib/people.mjs in through the form. */
  async signIn(page, login, password = PASSWORD) {
    assert.ok(login in PEOPLE, `nobody is called ${login}`);
    await page.goto('/sign-in');
    await this.fillSignIn(page, login, password);
    await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
    return page;
  }

  /** Fills the sign-in form and sends it. */
  async fillSignIn(page, login, password) {
    await page.locator('input[name="login"]').fill(login);
    await page.locator('input[name="password"]').fill(password);
    const button = page.locator('form:has(input[name="password"]) button');
    await Promise.all([page.waitForEvent('framenavigated'), button.click()]);
    await page.waitForLoadState('load');
  }

  /** A page of somebody who is signed in. */
  async as(login, options = {}) {
    return this.signIn(await this.open(options), login);
  }

  /** Counts a statement that must hold. */
  check(condition, sentence) {
    assert.ok(condition, sentence);
    this.checks += 1;
  }

  /** Counts an equality that must hold. */
  equal(found, expected, sentence) {
    assert.deepEqual(found, expected, sentence);
    this.checks += 1;
  }

  /** The text of the page's main part must hold all of these. */
  async reads(page, ...texts) {
    const text = await page.locator('body').innerText();
    for (const expected of texts) {
      this.check(text.includes(expected), `${page.url()} reads “${expected}”`);
    }
  }

  /** No violation that axe can see. */
  async accessible(page) {
    await page.evaluate(axeSource);
    const result = await page.evaluate(
      (tags) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags } }),
      AXE_TAGS,
    );
    const found = result.violations.map(({ id, nodes }) => {
      const places = nodes.slice(0, 3).map((node) => node.target.join(' '));
      return `${id} (${nodes.length}): ${places.join(', ')}`;
    });
    this.equal(found, [], `axe finds nothing on ${page.url()}`);
  }

  /** The page is not wider than its window: a wide table scrolls inside itself. */
  async fits(page) {
    const [content, window_] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    this.check(content <= window_, `${page.url()} is ${content} px wide in ${window_} px`);
  }

  /** Pictures at both sizes, and at both: fits, and axe finds nothing. */
  async look(page, title, { axe = true } = {}) {
    const before = page.viewportSize();
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await this.fits(page);
      if (axe) await this.accessible(page);
      await this.picture(page, `${title}-${size}`);
    }
    await page.setViewportSize(before);
  }

  /** One picture of what the window shows. */
  async picture(page, title) {
    const folder = join(this.output, this.name);
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${title}.png`) });
  }

  /** Presses Tab until an element that matches `selector` has the focus. */
  async tabTo(page, selector, limit = 80) {
    for (let presses = 0; presses <= limit; presses += 1) {
      const reached = await page.evaluate(
        (wanted) => document.activeElement?.matches(wanted) ?? false,
        selector,
      );
      if (reached) {
        const seen = await page.evaluate(() => {
          const style = getComputedStyle(document.activeElement);
          return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
        });
        this.check(seen, `the focus on ${selector} can be seen`);
        return;
      }
      await page.keyboard.press('Tab');
    }
    assert.fail(`${limit} presses of Tab do not reach ${selector} on ${page.url()}`);
  }

  /**
   * Weight and paint of a page on the test phone, signed in like `page`: of three first visits the
   * one in the middle, because one alone may meet a busy moment of this machine.
   */
  async weigh(page, path) {
    const state = await page.context().storageState();
    const visits = [];
    for (let visit = 0; visit < 3; visit += 1) {
      const fresh = await this.open({ size: 'phone', state });
      visits.push(await measure(fresh, this.server.url(path)));
      await fresh.context().close();
    }
    visits.sort((one, other) => one.interactiveSeconds - other.interactiveSeconds);
    this.notes.push(`${path}: ${JSON.stringify(visits[1])}`);
    return visits[1];
  }

  /** Closes what was opened; a trouble seen on any page fails the scenario. */
  async end() {
    for (const context of this.contexts) await context.close();
    assert.deepEqual(this.troubles, [], 'nothing went wrong behind the pages');
  }
}
