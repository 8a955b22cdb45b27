import { executor, factSubject, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { connectNats, type RunningService, startService } from '#service';
import { callContext, openTestPlatform, person, type TestPlatform, until } from '#testing';
import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { governance as definition } from '../src/definition.js';
import { readBundle } from '../src/policy/bundle.js';
import { approver, deletion, runContext } from './fixture.js';
import { openQuestions, type Questions } from './questions.js';

const { action, policy } = governance;

describe('policies of a team in two processes', () => {
  let platform: TestPlatform;
  let instances: RunningService[];
  let executing: NatsConnection;
  let bus: Questions;
  const team = uuidv7();
  const run = runContext(team);
  const author = approver(team, person('author'), 'admin');
  const people = [approver(team, person('ada')), approver(team, person('bob'))];

  beforeAll(async () => {
    platform = await openTestPlatform([definition]);
    instances = await Promise.all([1, 2].map(() => startService(definition, platform, {})));
    executing = await connectNats(platform, 'executor');
    bus = await openQuestions(platform);
  });
  afterAll(async () => {
    await bus?.close();
    await executing?.close();
    await Promise.all(instances?.map((instance) => instance.close()) ?? []);
    await platform?.close();
  });

  const SLOW = { timeoutMs: 60_000 };
  const publish = async (change: (files: Record<string, string>) => Record<string, string>) => {
    const { files } = await bus.call(author, policy.list, {});
    const { id } = await bus.call(author, policy.draft, { files: change(files) });
    await bus.call(author, policy.shadow, { policy_id: id }, SLOW);
    await bus.call(author, policy.publish, { policy_id: id });
    for (const who of people) await bus.call(who, policy.decide, { policy_id: id, decision: 'approve' });
    return bus.call(author, policy.get, { policy_id: id });
  };

  it('are in force in every process within two seconds', async () => {
    const before = await bus.call(author, policy.list, {});
    expect((await bus.call(run, action.decide, deletion({ paths: ['dist'] }))).decision).toBe('allow');
    const { epoch, published_at } = await publish((files) => ({
      ...files,
      'path-classes.yaml': `${files['path-classes.yaml']!.trimEnd()}\n  - pattern: dist/**\n    class: protected\n`,
    }));
    const replicas = await until('both have it', async () => {
      const { replicas: all } = await bus.call(author, policy.list, {});
      return all.length === 2 && all.every((replica) => replica.epoch === epoch) && all;
    });
    const lateMs = replicas.map(({ acknowledged_at }) => Date.parse(acknowledged_at!) - Date.parse(published_at!));
    const began = performance.now();
    readBundle(before.files, 1, { withTests: false });
    // Here the replicas share one process, and the machine with every other test.
    const loadingMs = replicas.length * 2 * (performance.now() - began);
    expect(Math.max(...lateMs) - loadingMs).toBeLessThanOrEqual(2_000);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => bus.call(run, action.decide, deletion({ paths: ['dist'] }))),
    );
    expect(new Set(answers.map(({ decision, policy_epoch }) => `${decision} ${policy_epoch}`))).toEqual(
      new Set([`ask ${epoch}`]),
    );
  });

  it('are in force in a process that starts later, before it answers', async () => {
    const late = await startService(definition, platform, {});
    try {
      const { replicas, epoch } = await bus.call(author, policy.list, {});
      expect(replicas.filter((replica) => replica.epoch === epoch)).toHaveLength(3);
    } finally {
      await late.close();
    }
  });

  it('are tried against what the executor tells it was allowed', async () => {
    const { execution_id, step, index, digest, agent_id, agent_version, tool, effects, ...asked } = deletion();
    const { risk, workspace, held, sandbox, taint } = asked;
    const item: executor.AllowedAction = {
      ...{ step, index, digest, agent_id, agent_version, tool, effects, risk, workspace, held, sandbox, taint },
      driver: null,
      target_host: null,
      paths: ['logs/a.log'],
      path_count: 1,
      tier_needed: 1,
      determining_policies: ['change-ordinary-files'],
      policy_epoch: 1,
      input_digest: digest,
    };
    const body: executor.ActionDecided = { execution_id, items: [item] };
    const carried = headers();
    carried.set('spectrace-context', encodeURIComponent(JSON.stringify(callContext({ team }))));
    const id = uuidv7();
    const type = executor.actionDecided.subject;
    const fact = { id, team, type, at: new Date().toISOString(), aggregate_id: execution_id, version: 1, body };
    const subject = factSubject(executor.actionDecided);
    await jetstream(executing).publish(subject, JSON.stringify(fact), { msgID: id, headers: carried });

    const { files } = await bus.call(author, policy.list, {});
    const stricter = `${files['path-classes.yaml']!.trimEnd()}\n  - pattern: logs/**\n    class: vcs\n`;
    const tests = files['tests/files.yaml']!.replaceAll('logs/', 'log/');
    const changed = { ...files, 'path-classes.yaml': stricter, 'tests/files.yaml': tests };
    const draft = await bus.call(author, policy.draft, { files: changed });
    const { shadow } = await until(
      'it is replayed',
      async () => {
        const tried = await bus.call(author, policy.shadow, { policy_id: draft.id }, SLOW);
        return tried.shadow!.flips.some((flip) => flip.execution_id === execution_id) && tried;
      },
      60_000,
    );
    expect(shadow!.flips).toContainEqual(
      expect.objectContaining({
        execution_id,
        from: 'allow',
        to: 'ask 3',
        policies: ['change-history-or-secrets', 'change-ordinary-files'],
      }),
    );
  });
});
