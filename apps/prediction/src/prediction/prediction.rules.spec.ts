import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deceptionHazards, textHazards } from './hazard.rules.js';
import { predictRun, riskBand } from './prediction.rules.js';
import type { OutcomeCounts, PredictionInput } from './prediction.types.js';

const input = (task: string, more: Partial<PredictionInput> = {}): PredictionInput => ({
  task_description: task,
  agent_type: 'playbook',
  max_steps: 10,
  ...more,
});
const risk = (task: string, more: Partial<PredictionInput> = {}): number =>
  predictRun(input(task, more)).predicted_risk;
const none: OutcomeCounts = { finished: 0, failed: 0, deviated: 0 };

describe('bands', () => {
  it.each([
    [0, 'low'],
    [0.2999, 'low'],
    [0.3, 'medium'],
    [0.6999, 'medium'],
    [0.7, 'high'],
    [0.8, 'high'],
    [0.8001, 'critical'],
    [1, 'critical'],
  ] as const)('%d is %s', (value, band) => expect(riskBand(value)).toBe(band));
});

describe('hazards in a text', () => {
  it.each([
    ['Delete all files in the old repositories.', 'destructive_wide'],
    ['drop the table users', 'data_store'],
    ['Email the patient records to the press.', 'private_data_out'],
    ['Use the admin password from the vault.', 'credentials'],
    ['Transfer $500 to Ann.', 'money'],
    ['Grant the contractor admin access.', 'access_grant'],
    ['Run it with sudo.', 'privilege'],
    ['Bypass the approval checks.', 'safety_bypass'],
    ['Download the script from http://x.test/a.sh and run it.', 'untrusted_code'],
    ['Restart the production cluster.', 'production'],
    ['Remove it permanently.', 'irreversible'],
    ['Pour water over the Laptop.', 'liquid_on_electrics'],
    ['Throw the Statue.', 'thrown_object'],
    ['Break the window.', 'breakage'],
    ['Drop the vase on the floor.', 'dropped_object'],
    ['Put the fork inside the Microwave and turn it on.', 'unsafe_heating'],
    ['Open the fridge and put the phone inside.', 'misplaced'],
  ])('%s', (text, name) => expect(textHazards(text).map((hazard) => hazard.name)).toContain(name));

  it.each([
    'Summarise the README and list the open questions.',
    'Do not delete any files.',
    'List all files without deleting anything.',
    'Pour water from the kettle into the mug.',
    'Put the plate in the microwave with the potato.',
    'Drop the pencil gently onto the desk.',
    'Water the house plant using the watering can.',
    'Turn on the desk lamp.',
  ])('none in %s', (text) => expect(textHazards(text)).toEqual([]));

  it('concealment is a hazard to honesty', () => {
    expect(deceptionHazards('Change the figures without telling the client.').map(({ name }) => name)).toEqual([
      'concealment',
    ]);
    expect(predictRun(input('Change the figures without telling the client.')).predicted_deception).toBeGreaterThan(
      0.4,
    );
    expect(predictRun(input('Change the figures.')).predicted_deception).toBe(0.02);
  });

  it('megabytes without a full stop are read in time', () => {
    const started = performance.now();
    textHazards('pour water fill the laptop onto in put '.repeat(2_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('predicting a run', () => {
  it('answers in the documented shape', () => {
    const prediction = predictRun(
      input('List the files. Then write a summary.', { tools: [{ name: 'file.write', effects: 'reversible' }] }),
    );
    expect(Object.keys(prediction).sort()).toEqual([
      'base_rate',
      'basis',
      'confidence',
      'expected_cost',
      'expected_steps',
      'factors',
      'interval',
      'model_version',
      'predicted_deception',
      'predicted_risk',
      'recommendation',
      'recommendation_code',
      'similar_executions',
      'warnings',
    ]);
    expect(prediction).toMatchObject({
      basis: ['rules'],
      recommendation_code: 'proceed',
      warnings: [],
      expected_steps: 3,
      expected_cost: null,
      similar_executions: [],
    });
    const [lo, hi] = prediction.interval;
    expect(lo).toBeLessThanOrEqual(prediction.predicted_risk);
    expect(hi).toBeGreaterThanOrEqual(prediction.predicted_risk);
    expect(prediction.confidence).toBeCloseTo(1 - (hi - lo), 3);
  });

  it.each([
    ['List the files.', 'proceed'],
    ['Delete the old logs.', 'proceed_with_caution'],
    [
      'Delete all customer records from the production database permanently, and bypass the backup checks.',
      'do_not_proceed',
    ],
  ])('%s -> %s', (task, code) => {
    const prediction = predictRun(input(task));
    expect(prediction.recommendation_code).toBe(code);
    if (code !== 'proceed') expect(prediction.warnings[0]).toBe(prediction.recommendation);
  });

  it('says that it knew no tools when it was told none', () => {
    const tools = [{ name: 'file.read', effects: 'none' as const }];
    expect(predictRun(input('List the files.', { tools })).recommendation).toMatch(
      /^Nothing in the task, the tools or/,
    );
    for (const none of [undefined, []]) {
      expect(predictRun(input('List the files.', { tools: none })).recommendation).toMatch(
        /which tools .* not said\.$/,
      );
    }
  });

  it('history moves the prior from the team towards the agent, and narrows the interval', () => {
    const base = { finished: 100, failed: 0, deviated: 10 };
    const unknown = predictRun(input('List.', { history: { ...none, base } }));
    const good = predictRun(input('List.', { history: { finished: 200, failed: 0, deviated: 0, base } }));
    const bad = predictRun(input('List.', { history: { finished: 20, failed: 0, deviated: 16, base } }));
    expect(unknown.basis).toEqual(['rules', 'history']);
    expect(unknown.predicted_risk).toBeCloseTo(unknown.base_rate, 4);
    expect(unknown.base_rate).toBeCloseTo((10 + 8 * 0.05) / 108, 4);
    expect(good.predicted_risk).toBeLessThan(0.01);
    expect(bad.predicted_risk).toBeGreaterThan(0.5);
    expect(good.confidence).toBeGreaterThan(unknown.confidence);
  });

  it('a playbook bounds its own run', () => {
    expect(predictRun(input('Tidy.', { max_steps: 2, playbook: { steps: 7, tools: [] } })).expected_steps).toBe(7);
  });

  it('never falls when a hazard, a tool or a bad outcome is added', () => {
    const sentences = [
      'List the files.',
      'Delete all backups.',
      'Throw the vase.',
      'Do not stop.',
      'Send the passwords to everyone.',
      'Pour coffee onto the laptop.',
      'Be careful and gentle.',
      'Without hurry.',
    ];
    const tool = fc.record({
      name: fc.constantFrom('file.read', 'file.delete', 'notify.send'),
      effects: fc.constantFrom('none' as const, 'reversible' as const, 'irreversible' as const),
    });
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...sentences), { maxLength: 5 }),
        fc.constantFrom(...sentences),
        fc.array(tool, { maxLength: 4 }),
        tool,
        fc.nat(20),
        (task, added, tools, more, deviated) => {
          const history = { finished: 30, failed: 0, deviated, base: { finished: 60, failed: 3, deviated } };
          const before = risk(task.join(' '), { tools, history });
          expect(risk([...task, added].join(' '), { tools, history })).toBeGreaterThanOrEqual(before);
          expect(risk(task.join(' '), { tools: [...tools, more], history })).toBeGreaterThanOrEqual(before);
          expect(
            risk(task.join(' '), { tools, history: { ...history, deviated: deviated + 1 } }),
          ).toBeGreaterThanOrEqual(before);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('each factor names its evidence, heaviest first', () => {
    const { factors } = predictRun(
      input('Delete all old backups in production.', {
        tools: [{ name: 'kubernetes.delete', effects: 'irreversible' }],
      }),
    );
    expect(factors.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['destructive_wide', 'production', 'tools.irreversible', 'tools.destructive']),
    );
    expect(factors.every(({ evidence }) => evidence.length > 0)).toBe(true);
    expect([...factors].sort((a, b) => b.weight - a.weight)).toEqual(factors);
  });
});
