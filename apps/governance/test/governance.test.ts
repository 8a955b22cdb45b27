import {
  type CallContext,
  executor,
  type Fact,
  factSubject,
  gateway,
  governance,
  ownerOf,
  type ServiceName,
  serviceReady,
} from '#contracts';
import { digestOf, isAppError, uuidv7 } from '#kernel';
import { FACTS_STREAM } from '#messaging';
import { connectNats, type RunningService, startService } from '#service';
import { callContext, openTestPlatform, person, type TestPlatform, until } from '#testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { governance as definition } from '../src/definition.js';
import { approver, deletion, runContext } from './fixture.js';
import { openQuestions, type Questions } from './questions.js';

const { action, approval } = governance;

describe('two instances on one platform', () => {
  let platform: TestPlatform;
  let instances: RunningService[];
  let bootstrap: NatsConnection;
  let bus: Questions;
  const team = uuidv7();
  const run = runContext(team);
  const ada = approver(team, person('ada'));

  beforeAll(async () => {
    platform = await openTestPlatform([definition]);
    const start = (seconds: string) => startService(definition, platform, { APPROVAL_TIMEOUT_SECONDS: seconds });
    instances = await Promise.all([start('900'), start('900')]);
    bus = await openQuestions(platform);
    bootstrap = await connectNats(platform, 'bootstrap');
  });
  afterAll(async () => {
    await bus?.close();
    await bootstrap?.close();
    await Promise.all(instances?.map((instance) => instance.close()) ?? []);
    await platform?.close();
  });

  const ask = async (changed: Partial<governance.DecideAction> = {}) => {
    const request = deletion(changed);
    return { request, answer: await bus.call(run, action.decide, request) };
  };
  const codeOf = (error: unknown) => (isAppError(error) ? error.code : error);

  /** A fact of another service, as its relay would publish it. */
  const publish = async <B extends object>(
    fact: Fact<B>,
    entry: { aggregate_id: string; version: number; body: B },
  ) => {
    const ctx: CallContext = callContext({ team });
    const carried = headers();
    carried.set('spectrace-context', encodeURIComponent(JSON.stringify(ctx)));
    const id = uuidv7();
    const told = { id, team, type: fact.subject, at: new Date().toISOString(), ...entry };
    const owner = await connectNats(platform, ownerOf(fact) as ServiceName);
    await jetstream(owner).publish(factSubject(fact), JSON.stringify(told), { msgID: id, headers: carried });
    await owner.close();
  };

  /** Every fact of an approval on the stream, oldest first. */
  const told = async (id: string) => {
    const manager = await jetstreamManager(bootstrap);
    const { state } = await manager.streams.info(FACTS_STREAM);
    const found: { type: string; version: number; body: governance.ApprovalDecided }[] = [];
    for (let seq = Math.max(state.first_seq, 1); seq <= state.last_seq; seq += 1) {
      const fact = (await manager.streams.getMessage(FACTS_STREAM, { seq }))?.json<
        (typeof found)[0] & { aggregate_id: string }
      >();
      if (fact?.aggregate_id === id) found.push({ type: fact.type, version: fact.version, body: fact.body });
    }
    return found;
  };
  const ended = (id: string, count = 2) =>
    until('the end is told', async () => {
      const facts = await told(id);
      return facts.length >= count ? facts : null;
    });

  it('are ready', async () => {
    expect(await bus.call(run, serviceReady('governance'), {})).toMatchObject({ ready: true });
  });

  it('answer the same question as one', async () => {
    const request = deletion();
    const answers = await Promise.all(Array.from({ length: 20 }, () => bus.call(run, action.decide, request)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ decision: 'ask', tier_needed: 2, policy_epoch: 1 });
  });

  it('lead one action from the question to the claim, and tell each end once', async () => {
    const { request, answer } = await ask();
    const id = answer.approval_id!;
    await expect(bus.call(run, approval.claim, { id, request })).rejects.toMatchObject({
      code: 'approval.pending',
      retryable: false,
    });
    const votes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        bus.call(i ? approver(team) : ada, approval.decide, { id, decision: 'approve' }),
      ),
    );
    expect(votes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const claims = await Promise.all(Array.from({ length: 10 }, () => bus.call(run, approval.claim, { id, request })));
    expect(new Set(claims.map((claim) => JSON.stringify(claim))).size).toBe(1);
    const view = await bus.call(ada, approval.get, { id });
    expect(view).toMatchObject({ status: 'claimed', votes: [{ by: claims[0]!.approvers[0] }] });
    const page = await bus.call(ada, approval.list, { status: 'claimed' });
    expect(page.items).toEqual([view]);
    expect(await ended(id, 3)).toMatchObject([
      { type: 'governance.approval.requested.v1', version: 1 },
      { type: 'governance.approval.decided.v1', version: 2, body: { status: 'approved', by: claims[0]!.approvers } },
      { type: 'governance.approval.claimed.v1', version: 3 },
    ]);
  });

  it('carry a refusal over the wire, located', async () => {
    const { answer } = await ask();
    const vote = bus.call(ada, approval.decide, { id: answer.approval_id!, decision: 'reject' });
    await expect(vote).rejects.toMatchObject({
      code: 'approval.reason_required',
      details: { errors: [{ path: '/reason' }] },
    });
    const unknown = bus.call(ada, approval.get, { id: uuidv7() });
    await expect(unknown).rejects.toMatchObject({ code: 'approval.not_found' });
    const odd = bus.call(ada, approval.list, { cursor: 'x' });
    await expect(odd).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('keep what people saw with the question, and refuse a claim for what has changed since', async () => {
    const diff = `--- a\n+++ /dev/null\n@@ -1 +0,0 @@\n-</script>\u001b[2K\u202e${'\u0001'.repeat(32_000)}\n`;
    const seen = { path: 'data/a', change: 'deleted' as const, before: digestOf(1), after: null, diff, note: null };
    const { request, answer } = await ask({ preview: [seen], task: 'Tidy up.' });
    const id = answer.approval_id!;
    const view = await bus.call(ada, approval.decide, { id, decision: 'approve' });
    expect(view).toMatchObject({ preview: [seen], task_description: 'Tidy up.', can_decide: false });
    const page = await bus.call(ada, approval.list, { execution_id: request.execution_id });
    expect(page.items).toEqual([{ ...view, preview: null }]);
    const now = { ...request, preview: [{ ...seen, before: digestOf(2), diff: null }] };
    await expect(bus.call(run, approval.claim, { id, request: now })).rejects.toMatchObject({
      code: 'approval.content_changed',
      message: expect.stringContaining('"data/a" has changed'),
      details: { path: 'data/a' },
      retryable: false,
    });
    expect(await bus.call(run, approval.claim, { id, request })).toMatchObject({ approvers: [ada.principal] });
  });

  it('withdraw what a finished run still waits for', async () => {
    const { request, answer } = await ask();
    const { execution_id } = request;
    const body = {
      execution_id,
      status: 'cancelled',
      agent_id: 'tidy',
      risk_score: 0,
      deception_probability: 0,
      failure: null,
      journal_seq: 9,
    } as const;
    await publish(executor.executionFinished, { aggregate_id: execution_id, version: 1, body });
    const facts = await ended(answer.approval_id!);
    expect(facts.map(({ body }) => body.status)).toEqual([undefined, 'withdrawn']);
  });

  it('learn that an approver was disabled before the claim', async () => {
    const { request, answer } = await ask();
    const id = answer.approval_id!;
    const eve = approver(team, person('eve'));
    await bus.call(eve, approval.decide, { id, decision: 'approve' });
    const { id: user_id, name: email } = eve.principal;
    const aggregate_id = uuidv7();
    const tell = (version: number, active: boolean) =>
      publish(gateway.memberChanged, { aggregate_id, version, body: { user_id, email, role: 'approver', active } });
    await tell(2, false);
    await tell(1, true);
    await until('the claim is refused', async () => {
      const code = await bus.call(run, approval.claim, { id, request }).then(() => 'granted', codeOf);
      return code === 'approval.denied_now';
    });
  });
});

describe('a deadline of one second', () => {
  let platform: TestPlatform;
  let instances: RunningService[];
  beforeAll(async () => {
    platform = await openTestPlatform([definition]);
    const start = () => startService(definition, platform, { APPROVAL_TIMEOUT_SECONDS: '1' });
    instances = await Promise.all([start(), start()]);
  });
  afterAll(async () => {
    await Promise.all(instances?.map((instance) => instance.close()) ?? []);
    await platform?.close();
  });

  it('is kept within a second by two instances, and each expiry is told once', async () => {
    const bus = await openQuestions(platform);
    const run = runContext(uuidv7());
    const asked = await Promise.all(Array.from({ length: 30 }, () => bus.call(run, action.decide, deletion())));
    const page = await until('all are expired', async () => {
      const { items } = await bus.call(run, approval.list, { status: 'expired', limit: 200 });
      return items.length === asked.length && items;
    });
    const lateMs = page.map(({ decided_at, expires_at }) => Date.parse(decided_at!) - Date.parse(expires_at));
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(1_000);
    const bootstrap = await connectNats(platform, 'bootstrap');
    const manager = await jetstreamManager(bootstrap);
    const count = async (fact: Fact<object>) => {
      const { state } = await manager.streams.info(FACTS_STREAM, { subjects_filter: factSubject(fact) });
      return state.subjects?.[factSubject(fact)] ?? 0;
    };
    await until('all are told', async () => (await count(governance.approvalDecided)) >= asked.length);
    await Promise.all(instances.map((instance) => instance.close()));
    instances = [];
    expect(await count(governance.approvalRequested)).toBe(30);
    expect(await count(governance.approvalDecided)).toBe(30);
    await bus.close();
    await bootstrap.close();
  });
});

describe('a process of its own', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await openTestPlatform([definition]);
  });
  afterAll(() => platform?.close());

  /** The built service, its output, and how it ended. */
  const start = (settings: Record<string, string>) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../../dist/apps/governance/src/main.js')], {
      env: {
        DATABASE_URL: platform.databaseUrl,
        NATS_URL: platform.natsUrl,
        SPECTRACE_HOME: platform.home,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
    return { child, ended };
  };

  it('does not start on policies that are none, and says where', async () => {
    const { code, output } = await start({ POLICIES_DIR: import.meta.dirname }).ended;
    expect(code).toBe(1);
    expect(output).toContain(`policy bundle refused: ${import.meta.dirname} cannot be read as a folder of policies`);
  });

  it('does not start on settings that are wrong, and names them', async () => {
    const { code, output } = await start({ APPROVAL_TIMEOUT_SECONDS: 'soon' }).ended;
    expect(code).toBe(1);
    expect(output).toContain('APPROVAL_TIMEOUT_SECONDS');
  });

  it('answers, and ends cleanly when told to', async () => {
    const { child, ended } = start({});
    const bus = await openQuestions(platform);
    const run = runContext(uuidv7());
    await until('it answers', () => bus.call(run, action.decide, deletion()).catch(() => null));
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
    await expect(bus.call(run, action.decide, deletion())).rejects.toMatchObject({ code: 'service.unavailable' });
    await bus.close();
  });
});
