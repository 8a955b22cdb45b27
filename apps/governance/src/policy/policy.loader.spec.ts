import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPolicies } from './policy.loader.js';

const SHIPPED = join(import.meta.dirname, '../../../../policies');

let folder: string;
let asked: string[];
const epochs = {
  epochOf: async (digest: string) => {
    asked.push(digest);
    return 7;
  },
};
const edit = (file: string, from: string, to: string): void => {
  const text = readFileSync(join(folder, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, file), text.replace(from, to));
};

beforeEach(() => {
  asked = [];
  folder = mkdtempSync(join(tmpdir(), 'spectrace-policies-'));
  cpSync(SHIPPED, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a folder of policies', () => {
  it('is put in force under the epoch its content has', async () => {
    const engine = await openPolicies(folder, epochs);
    expect(engine.epoch).toBe(7);
    expect(asked).toEqual([expect.stringMatching(/^sha256:/)]);
  });

  it('that does not hold what its own tests say is never in force', async () => {
    edit('path-classes.yaml', 'data/**', 'date/**');
    await expect(openPolicies(folder, epochs)).rejects.toMatchObject({
      code: 'policy.bundle_invalid',
      details: {
        errors: expect.arrayContaining([
          {
            path: expect.stringMatching(/^tests\/files\.yaml:\d+$/),
            message: expect.stringContaining('deleting protected data needs one approver'),
          },
        ]),
      },
    });
    expect(asked).toEqual([]);
  });

  it('that Cedar cannot read is refused at its line', async () => {
    edit('runs.cedar', 'permit (', 'permitt (');
    await expect(openPolicies(folder, epochs)).rejects.toMatchObject({
      code: 'policy.bundle_invalid',
      details: { errors: [{ path: expect.stringMatching(/^runs\.cedar:\d+$/) }] },
    });
  });

  it('that is not there is refused by name', async () => {
    await expect(openPolicies(join(folder, 'nowhere'), epochs)).rejects.toMatchObject({
      code: 'policy.bundle_invalid',
      message: expect.stringContaining(join(folder, 'nowhere')),
    });
  });
});
