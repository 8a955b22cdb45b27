import { describe, expect, it } from '@jest/globals';
import { catalogues, facts, factSubject, NATS_IDENTITIES, permissionsOf, rpcSubject } from '#contracts';
import { FRAME_OF } from '../../apps/executor/src/journal/journal.kinds.js';
import { framesPage } from './frames.js';
import { table } from './markdown.js';
import { permissionsPage } from './permissions.js';
import { envExample, settingsPage } from './settings.js';
import { subjectsPage } from './subjects.js';
import { transitionsPage } from './transitions.js';

const ROOT = new URL('../../', import.meta.url).pathname;

describe('the page of subjects', () => {
  const page = subjectsPage();

  it('names every question and every fact there is, once', () => {
    const questions = Object.values(catalogues).flatMap((nouns) => Object.values(nouns).flatMap(Object.values));
    for (const subject of [...questions.map(rpcSubject), ...facts.map(factSubject)]) {
      expect([subject, page.split(`\`${subject}\``).length - 1]).toEqual([subject, 1]);
    }
  });

  it('has a section for every class it links to', () => {
    const headings = new Set([...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name!.toLowerCase()));
    const links = [...page.matchAll(/\]\(#(\w+)\)/g)].map(([, anchor]) => anchor!);
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((anchor) => !headings.has(anchor))).toEqual([]);
  });

  it('says what a field is: type, range, whether it may be absent, meaning, and what it inherits', () => {
    expect(page).toContain('| `limit` | integer 1..200 | yes | Page size, 1..200, default 50. |');
    expect(page).toContain('| `risk_score` | number 0..1 |  | Highest risk seen so far. |');
    expect(page).toContain('| `items` | list of [ExecutionView](#executionview) |  |  |');
    const result = page.slice(page.indexOf('### ExecutionResult\n'), page.indexOf('### ExecutionSubmitted\n'));
    expect(result).toContain('| `status` | `submitted`, `denied`,');
    expect(result).toContain('| `spec_violations` |');
  });
});

it('the page of permissions has every subject that anybody may use, where it belongs', () => {
  const sections = permissionsPage().split(/^## /m);
  for (const identity of NATS_IDENTITIES) {
    const section = sections.find((one) => one.startsWith(`${identity}\n`))!;
    const [publish, subscribe] = section.split('May subscribe');
    const { publish: publishing, subscribe: subscribing } = permissionsOf(identity);
    expect(publishing.allow.filter((subject) => !publish!.includes(`\`${subject}\``))).toEqual([]);
    expect(subscribing.allow.filter((subject) => !subscribe!.includes(`\`${subject}\``))).toEqual([]);
  }
});

it('the page of frames has every kind of journal row', () => {
  const page = framesPage();
  expect(Object.keys(FRAME_OF).filter((kind) => !page.includes(`| \`${kind}\` |`))).toEqual([]);
});

it('the page of transitions says which statuses are ends', () => {
  const page = transitionsPage();
  expect(page).toContain('| `pending` | `approved` | approver |');
  expect(page).toContain('From these nothing leads on: `rejected`, `expired`, `withdrawn`, `claimed`.');
});

describe('settings', () => {
  it('are told without a path of this machine', () => {
    for (const page of [settingsPage(ROOT), envExample(ROOT)]) expect(page).not.toContain(ROOT.slice(0, -1));
    expect(settingsPage(ROOT)).toContain('| `POLICIES_DIR` | `policies` |');
  });

  it('stand in the example file once each, and none of them takes effect there', () => {
    const lines = envExample(ROOT).split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
    const names = lines.flatMap((line) => /^# ([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(['PORT', 'DATABASE_URL', 'JOURNAL_RETENTION_MONTHS']));
  });
});

it('a cell of a table keeps its text in its place', () => {
  expect(table(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |');
});
