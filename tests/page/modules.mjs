// The packages of package.json, from where scripts/page.sh installs them.

import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import path from 'node:path';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const build = path.join(root, 'build');

const require = createRequire(path.join(build, 'page', 'package.json'));
export const {chromium} = require('playwright-core');
export const axeSource = require('axe-core').source;
