import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Execution, Frame } from '#client';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { ADMIN, type Ended, TestSuite } from './suite.fixture.js';

const WRITES = `apiVersion: playbook/v1
name: writes
steps:
  - { id: first, uses: file.write@v1, with: { path: first, content: "1" } }
  - { id: asked, uses: file.delete@v1, with: { path: data/customers.db } }
`;

let suite: TestSuite;
const admin = (...args: string[]): Promise<Ended> => suite.cli('admin', args);
const parsed = <T>({ stdout }: Ended): T => JSON.parse(stdout) as T;

beforeAll(async () => {
  suite = await TestSuite.start();
  const login = ['login', '--email', ADMIN.email, '--password-stdin'];
  expect(await suite.cli('admin', login, { input: `${ADMIN.password}\n` })).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  await suite.stop();
  suite.remove();
}, 30_000);

it('pause, resume and rollback say what became of the run, and keep why', async () => {
  const folder = suite.workspace('requests');
  mkdirSync(`${folder}/data`, { recursive: true });
  writeFileSync(`${folder}/data/customers.db`, 'x');
  writeFileSync(suite.file('writes.yaml'), WRITES);
  const waiting = await admin('run', suite.file('writes.yaml'), '--workspace', folder, '--json');
  const { id } = parsed<Execution>(waiting);
  expect(await admin('resume', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('approval') });
  expect(await admin('pause', id, '--reason', 'a look')).toMatchObject({
    code: 0,
    stdout: `Execution ${id} is asked to pause; it is paused (approval).\n`,
  });
  expect(parsed<Execution>(await admin('resume', id, '--json'))).toMatchObject({ id, pause_requested: false });
  expect(await admin('rollback', id.slice(0, 20), '--reason', 'wrong folder')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Execution ${id} is asked to roll back`),
  });
  const watched = await admin('watch', id, '--json');
  expect(watched.code).toBe(2);
  const frames = watched.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Frame);
  const asked = frames.filter(
    ({ kind }) => kind === 'execution.pause_requested' || kind === 'execution.rollback_requested',
  );
  expect(asked.map(({ reason, by }) => [reason, by?.name])).toEqual([
    ['a look', ADMIN.email],
    ['wrong folder', ADMIN.email],
  ]);
  expect(readdirSync(folder)).toEqual(['data']);
  expect(await admin('rollback', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('could be undone') });
}, 60_000);
