import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import { type Engine, openEngine, STEPS_HEAD } from './engine.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
  await engine.start();
});
afterAll(() => engine.close());
afterEach(() => {
  engine.prediction.findings = () => [];
});

const brokenBy = async (id: string): Promise<contract.SeenViolation[] | undefined> => {
  const [fact] = await engine.asAdmin<{ body: contract.ExecutionFinished }>(
    `SELECT body FROM executor.fact WHERE aggregate_id = $1 AND type = $2`,
    [id, contract.executionFinished.subject],
  );
  return fact!.body.violations;
};

it('the end of a run tells which contracts it broke', async () => {
  const steps = `${STEPS_HEAD}steps:\n  - { id: stray, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo x > a"] } }\n`;
  const { id } = await engine.ended(await engine.submit(steps, engine.folder({ a: 'a' })));
  expect(await brokenBy(id)).toEqual([
    {
      violation_type: 'contract',
      policy_id: null,
      severity: 'high',
      sentence: expect.stringContaining('a was modified'),
      step: 1,
      details: { index: 0, tool: 'shell.run@v1', deviations: [expect.anything()], outcome: 'undone' },
    },
  ]);
});

it('and what detectors noticed that nobody may pass over, with its step and without what it quotes', async () => {
  engine.prediction.findings = ({ step }) =>
    (['low', 'medium', 'high', 'critical'] as const).map((severity) => ({
      code: `found_${severity}`,
      severity,
      sentence: `Step ${step}: something ${severity}.`,
      evidence: ['said', 'done'],
    }));
  const steps = `${STEPS_HEAD}steps:\n${[1, 2].map((n) => `  - { id: w${n}, uses: file.write@v1, with: { path: f${n}, content: "${n}" } }\n`).join('')}`;
  const { id } = await engine.ended(await engine.submit(steps, engine.folder({})));
  const graves = [1, 2].flatMap((step) =>
    (['high', 'critical'] as const).map((severity) => ({
      violation_type: 'detector',
      policy_id: `found_${severity}`,
      severity,
      sentence: `Step ${step}: something ${severity}.`,
      step,
      details: {},
    })),
  );
  expect((await brokenBy(id))!.slice(0, 4)).toEqual(graves);
});
