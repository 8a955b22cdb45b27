// `node --import <this file> x.ts` runs the TypeScript sources without a build, as the tests do.
import { transformFileSync } from '@swc/core';
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const json = (name) => JSON.parse(readFileSync(new URL(name, root), 'utf8'));
const { imports } = json('package.json');
const { jsc } = json('.swcrc');
const isSource = (url) => url?.startsWith(root.href) && !url.includes('/node_modules/') && url.endsWith('.ts');

registerHooks({
  resolve(specifier, context, next) {
    if (!isSource(context.parentURL)) return next(specifier, context);
    const lib = imports[specifier];
    if (lib?.types.endsWith('.ts')) return next(new URL(lib.types, root).href, context);
    return next(specifier.startsWith('.') ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
  load(url, context, next) {
    if (!isSource(url)) return next(url, context);
    const options = { swcrc: false, jsc, module: { type: 'es6' }, sourceMaps: 'inline' };
    return { format: 'module', source: transformFileSync(fileURLToPath(url), options).code, shortCircuit: true };
  },
});
