import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('./README.md', import.meta.url);

/** Replaces the section of one benchmark in bench/README.md, or adds it. */
export const writeSection = (title, command, text) => {
  const old = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '# Measurements\n';
  const section = `## ${title}\n\n\`${command}\`\n\n${text}\n`;
  const start = old.indexOf(`## ${title}\n`);
  if (start === -1) return writeFileSync(FILE, `${old.trimEnd()}\n\n${section}`);
  const next = old.indexOf('\n## ', start + 1);
  writeFileSync(FILE, old.slice(0, start) + section + (next === -1 ? '' : old.slice(next)));
};
