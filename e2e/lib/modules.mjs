// The two packages of the harness, from where `cargo xtask test` installed them.
//
// They lie outside the checkout, so that a clone is never filled with packages; `npm ci` in
// this folder works as well.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.TAIZHANG_E2E_MODULES;
const require = createRequire(folder ? join(folder, 'package.json') : import.meta.url);

export const { chromium } = require('playwright-core');
export const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
