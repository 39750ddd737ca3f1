// Runs the scenarios one after another, each with a server and an empty county of its own.
//
//   node e2e/run.mjs [part of a name]
//
// TAIZHANG_BINARY         the program under test
// TAIZHANG_E2E_MODULES    folder with playwright-core and axe-core (else ./node_modules)
// TAIZHANG_E2E_OUTPUT     folder for the pictures and the measurements

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from './lib/modules.mjs';
import { Server } from './lib/server.mjs';
import { Walk } from './lib/walk.mjs';

const SCENARIO_MINUTES = 5;
const folder = new URL('./scenarios/', import.meta.url);
const chosen = process.env.TAIZHANG_E2E_OUTPUT;
const output = chosen ?? (await mkdtemp(join(tmpdir(), 'taizhang-walks-')));
const part = process.argv[2] ?? '';

/** Chromium as Debian installs it, asking nobody outside this machine. */
function launch() {
  return chromium.launch({
    executablePath: process.env.TAIZHANG_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** One scenario, ended by force when it hangs. */
async function walk(name, browser) {
  const scenario = await import(new URL(`${name}.mjs`, folder));
  const server = await Server.start(scenario.serverArguments, scenario.countyFiles);
  const walk = new Walk({ name, browser, server, output });
  let timer;
  const tooLong = new Promise((_, reject) => {
    const message = `not done after ${SCENARIO_MINUTES} minutes`;
    timer = setTimeout(() => reject(new Error(message)), SCENARIO_MINUTES * 60000);
  });
  try {
    await Promise.race([scenario.run(walk), tooLong]);
    await walk.end();
  } catch (error) {
    await pictures(walk);
    error.message += walk.troubles.map((trouble) => `\n  seen: ${trouble}`).join('');
    error.message += `\n  server said: ${server.output.split('\n').slice(-8).join('\n    ')}`;
    throw error;
  } finally {
    clearTimeout(timer);
    for (const context of walk.contexts) await context.close().catch(() => {});
    await server.stop();
  }
  return walk;
}

/** What every open page shows at the moment of a failure. */
async function pictures(walk) {
  const pages = walk.contexts.flatMap((context) => context.pages());
  for (const [index, page] of pages.entries()) {
    await walk.picture(page, `FAILED-${index}`).catch(() => {});
  }
}

await mkdir(output, { recursive: true });
const files = (await readdir(folder)).filter((file) => file.endsWith('.mjs')).sort();
const names = files.map((file) => file.replace(/\.mjs$/, '')).filter((name) => name.includes(part));
const browser = await launch();
const counts = { passed: 0, failed: 0, checks: 0 };
const notes = [];
for (const name of names) {
  const started = Date.now();
  await rm(join(output, name), { recursive: true, force: true });
  const seconds = () => ((Date.now() - started) / 1000).toFixed(1);
  try {
    const done = await walk(name, browser);
    counts.passed += 1;
    counts.checks += done.checks;
    notes.push(...done.notes.map((note) => `${name}  ${note}`));
    console.log(`  ok      ${name}  (${done.checks} checks, ${seconds()} s)`);
  } catch (error) {
    counts.failed += 1;
    const story = error.stack.replaceAll('\n', '\n    ');
    console.log(`  FAILED  ${name}  (${seconds()} s)\n    ${story}`);
  }
}
await browser.close();
for (const note of notes) console.log(`  ${note}`);
await writeFile(join(output, 'measurements.txt'), `${notes.join('\n')}\n`);
console.log(`  ${counts.checks} checks; pictures in ${output}`);
console.log(`e2e: ${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 || names.length === 0 ? 1 : 0);
