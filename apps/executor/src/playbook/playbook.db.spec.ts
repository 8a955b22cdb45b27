import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext } from '#contracts';
import { callContext } from '#testing';
import { openRows, type Rows } from '../../test/rows.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import { PlaybookService } from './playbook.service.js';

const source = (name: string, path = 'x'): string =>
  `apiVersion: playbook/v1\nname: ${name}\nsteps:\n  - id: only\n    uses: file.read@v1\n    with: { path: ${path} }\n`;

let rows: Rows;
let service: PlaybookService;
let ctx: CallContext;
beforeAll(async () => {
  rows = await openRows();
  service = new PlaybookService(rows.database, new ToolRegistry());
});
afterAll(() => rows.close());
beforeEach(() => {
  ctx = callContext();
});

describe('a playbook file', () => {
  it('registered twice is one version, and comes back as it was', async () => {
    const first = await service.register(ctx, { source: source('a') });
    expect(await service.register(ctx, { source: source('a') })).toEqual(first);
    expect(await service.get(ctx, 'a')).toEqual({ ...first, source: source('a') });
    expect(first).toMatchObject({ name: 'a', steps: 1, tools: ['file.read@v1'], description: null });
  });

  it('changed is a newer version; the older one stays for runs pinned to it', async () => {
    const old = await service.register(ctx, { source: source('a') });
    const now = await service.register(ctx, { source: source('a', 'y') });
    expect((await service.get(ctx, 'a')).digest).toBe(now.digest);
    expect(await service.pin(ctx, { name: 'a' })).toEqual({ name: 'a', digest: now.digest, inputs: {} });
    expect(await service.pin(ctx, { digest: old.digest })).toEqual({ name: 'a', digest: old.digest, inputs: {} });
    const driver = await service.driver(ctx, { name: 'a', digest: old.digest, inputs: {} });
    const turn = await driver.next({ execution_id: '', task_description: '', max_steps: 1, steps: [] });
    expect(turn).toMatchObject({
      kind: 'act',
      label: 'only',
      actions: [{ tool: 'file.read@v1', arguments: { path: 'x' } }],
    });
  });

  it('with problems is neither valid nor kept', async () => {
    const bad = source('a').replace('file.read@v1', 'file.eat@v1');
    await expect(service.validate(bad)).rejects.toMatchObject({ code: 'playbook.invalid' });
    await expect(service.register(ctx, { source: bad })).rejects.toMatchObject({ code: 'playbook.invalid' });
    await expect(service.get(ctx, 'a')).rejects.toMatchObject({ code: 'playbook.not_found' });
  });

  it('checked without being kept is not there', async () => {
    expect(await service.validate(source('a'))).toMatchObject({ name: 'a', steps: 1, tools: ['file.read@v1'] });
    expect((await service.list(ctx, {})).items).toEqual([]);
  });

  it('of another team is not found, under its name, its digest or in a list', async () => {
    const { digest } = await service.register(callContext(), { source: source('theirs') });
    await expect(service.get(ctx, 'theirs')).rejects.toMatchObject({ code: 'playbook.not_found' });
    await expect(service.driver(ctx, { name: 'theirs', digest, inputs: {} })).rejects.toMatchObject({
      code: 'playbook.not_found',
    });
    expect(await service.list(ctx, {})).toEqual({ items: [], next_cursor: null });
  });
});

it('a list shows the newest version of every name, page by page', async () => {
  for (const name of ['c', 'a', 'b']) await service.register(ctx, { source: source(name) });
  const newest = await service.register(ctx, { source: source('b', 'y') });
  const first = await service.list(ctx, { limit: 2 });
  expect(first.items.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(first.items[1]!.digest).toBe(newest.digest);
  const second = await service.list(ctx, { limit: 2, cursor: first.next_cursor! });
  expect(second.items.map(({ name }) => name)).toEqual(['c']);
  expect(second.next_cursor).toBeNull();
});
