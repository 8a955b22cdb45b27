// `npm run gen`: writes what is generated from the code; with --check changes nothing and fails when something differs.
import './from-source.mjs';

const { reference } = await import('./gen/reference.ts');
const { drift, write } = await import('./gen/drift.ts');
const root = new URL('..', import.meta.url).pathname;

const files = await reference();
if (process.argv.includes('--check')) {
  const found = drift(root, files);
  for (const line of found) console.error(line);
  if (found.length > 0) console.error('Run `npm run gen` and commit what it writes.');
  process.exitCode = found.length > 0 ? 1 : 0;
} else {
  write(root, files);
  for (const path of Object.keys(files)) console.log(path);
}
