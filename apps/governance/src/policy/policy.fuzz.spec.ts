import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { fuzz, objections } from '../../test/policy-fuzz.js';
import { loadBundle } from './bundle.js';
import { PolicyEngine } from './policy.engine.js';
import type { PolicyAlarm, PolicyBundle, PolicyRequest } from './policy.types.js';

const FOLDER = join(import.meta.dirname, '../../../../policies');
const SEED = 20_261_120;

let bundle: PolicyBundle;
beforeAll(async () => {
  bundle = await loadBundle(FOLDER);
});

describe('random requests', () => {
  it('never fail open, and never crash the engine', () => {
    const alarms: PolicyAlarm[] = [];
    const engine = PolicyEngine.load(bundle, { alarm: (alarm) => alarms.push(alarm) });
    const seen = fuzz((request) => engine.decide(request), { runs: 5_000, seed: SEED });
    expect(seen.wrong).toEqual([]);
    expect(Math.min(seen.allow, seen.ask, seen.deny)).toBeGreaterThan(50);
    expect(alarms.filter(({ kind }) => kind !== 'request_refused')).toEqual([]);
  });

  it.each(['stay-inside-workspace', 'irreversible-needs-hold', 'only-registered-workspaces', 'keep-workspace-folder'])(
    'find a bundle that has lost %s',
    (id) => {
      const { [id]: _lost, ...policies } = bundle.policies;
      const engine = PolicyEngine.load({ ...bundle, policies });
      expect(fuzz((request) => engine.decide(request), { runs: 5_000, seed: SEED }).wrong).not.toEqual([]);
    },
  );

  it('are judged without the engine: what every rule objects to is named', () => {
    const request = {
      ...bundle.tests[0]!.request,
      tool: { name: 'mail.send', version: '1' },
      effects: 'irreversible',
      held: false,
      risk: 0.95,
      target: { kind: 'send', host: 'h', paths: ['../x', 'data/y'] },
      taint: { read_sensitive: true, read_untrusted: true, external_send_pending: false, secrets_used: false },
    } as PolicyRequest;
    expect(objections(request)).toEqual([
      'outside',
      'two approvers for the risk',
      'one approver for the risk',
      'send',
      'send after a sensitive read',
      'send of protected files',
      'hold',
    ]);
  });
});
