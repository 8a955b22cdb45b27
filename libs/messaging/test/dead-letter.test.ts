import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServiceName } from '#contracts';
import { uuidv7 } from '#kernel';
import { FactControl, MAX_FAILURES, retryDeadLetters } from '#messaging';
import { connectNats } from '#service';
import { callContext, until } from '#testing';
import { headers } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import { toFactMessage } from '../src/fact-message.js';
import { Desk, Process } from './inbox.fixture.js';
import { decidedBody, SUBJECT } from './relay.fixture.js';

let desk: Desk;
let alerts: Record<string, unknown>[];
beforeEach(async () => {
  desk = await Desk.open();
  alerts = [];
  const nothing = (): void => undefined;
  Logger.overrideLogger({ log: nothing, warn: nothing, error: (said: Record<string, unknown>) => alerts.push(said) });
});
afterEach(() => desk.close());

const counted = async (): Promise<number> => {
  const { values } = await register.getSingleMetric('spectrace_facts_dead_letters_total')!.get();
  expect(values.every(({ labels }) => Object.keys(labels).join() === 'service')).toBe(true);
  return values.find(({ labels }) => labels.service === 'executor')?.value ?? 0;
};
const letters = () => desk.asExecutor<{ fact_id: string; type: string }[]>(`SELECT fact_id, type FROM dead_letter`);

describe('a fact that fails for the last time', () => {
  /** The middle one of three fails until `mend`. */
  const failing = async () => {
    const ids = (await desk.write(3)) as [string, string, string];
    const tried: string[] = [];
    let broken = true;
    await Process.start(desk, ({ id }) => {
      tried.push(id);
      if (broken && id === ids[1]) throw new Error('the effect fails');
    });
    return { ids, tried, mend: () => (broken = false) };
  };

  it('is tried five times, becomes a dead letter without effect, tells somebody, and lets others pass', async () => {
    const before = await counted();
    const { ids, tried } = await failing();
    const others = await desk.write(2);
    await desk.publish(...ids, ...others);
    await desk.allActed(others);
    await until('it was given up', async () => {
      await desk.asExecutor(`UPDATE postponed_fact SET due = now() WHERE failures > 0`);
      return desk.versions([ids[2]]).length === 1;
    });
    expect(tried.filter((id) => id === ids[1])).toHaveLength(MAX_FAILURES);
    expect(await letters()).toMatchObject([{ fact_id: ids[1], type: 'governance.approval.decided.v1' }]);
    expect(await desk.effects(ids)).toEqual([1, 0, 1]);
    expect(await counted()).toBe(before + 1);
    expect(alerts).toMatchObject([
      {
        ...{ service: 'executor', fact: ids[1], failures: MAX_FAILURES },
        what: 'a fact failed for the last time: see the table dead_letter',
      },
    ]);
    expect(await desk.asExecutor(`TABLE postponed_fact`)).toEqual([]);
  });

  it('does not come back by itself when it is sent again', async () => {
    const { ids, mend } = await failing();
    await desk.publish(...ids);
    await soonDead(ids[1]);
    await desk.allActed([ids[2]]);
    mend();
    await desk.publish(...ids);
    await desk.nothingPending();
    expect(await desk.effects(ids)).toEqual([1, 0, 1]);
    expect(await letters()).toHaveLength(1);
  });

  it('is heard again when an operator says so', async () => {
    const { ids, mend } = await failing();
    await desk.publish(...ids);
    await soonDead(ids[1]);
    await desk.allActed([ids[2]]);
    mend();
    const { connection, database } = desk.processes[0]!;
    new FactControl('executor', connection, database).start();
    await connection.flush();
    expect(await retryDeadLetters(desk.operator, 'executor')).toBe(1);
    await desk.allActed([ids[1]]);
    expect(await desk.effects(ids)).toEqual([1, 1, 1]);
    expect(await letters()).toEqual([]);
    expect(await retryDeadLetters(desk.operator, 'executor')).toBe(0);
  });

  it('takes no try from those that waited behind it', async () => {
    const ids = (await desk.write(2)) as [string, string];
    const tried: string[] = [];
    await Process.start(desk, ({ id }) => {
      tried.push(id);
      if (id === ids[0] || tried.filter((one) => one === id).length < MAX_FAILURES) throw new Error('no');
    });
    await desk.publish(...ids);
    await soonDead(ids[0]);
    await until('the second acts', async () => {
      await desk.publish(ids[1]);
      await desk.nothingPending();
      return desk.versions([ids[1]]).length === 1;
    });
    expect(tried.filter((id) => id === ids[1])).toHaveLength(MAX_FAILURES);
    expect(await letters()).toHaveLength(1);
  });

  /** Every time it is sent again is a try, so that a test need not wait for the pauses between them. */
  const soonDead = (id: string) =>
    until('it is dead', async () => {
      await desk.publish(id);
      await desk.nothingPending();
      return (await letters()).some(({ fact_id }) => fact_id === id);
    });
});

describe('what lies on the stream and is no fact', () => {
  const publish = async (
    data: string,
    set: (name: (name: string, value: string) => void) => void,
    subject = SUBJECT,
  ) => {
    const made = headers();
    set((name, value) => made.set(name, value));
    const owner = subject.split('.')[1] as ServiceName;
    const connection = await connectNats(desk.publisher.platform, owner);
    await jetstream(connection).publish(subject, data, { headers: made });
    await connection.close();
  };
  const whole = () => {
    const { data, headers: carried } = toFactMessage({
      ...{ id: uuidv7(), team_id: desk.ctx.team, aggregate_id: uuidv7(), version: 1, previous: {}, at: new Date() },
      ...{ type: SUBJECT.slice('fact.'.length), body: decidedBody(uuidv7()), context: desk.ctx },
    });
    return { fact: JSON.parse(data) as object, context: carried.get('spectrace-context') };
  };
  const encoded = (ctx: object) => encodeURIComponent(JSON.stringify(ctx));
  const another = encoded(callContext());

  it.each<[string, (whole: { fact: object; context: string }) => [string, string?, string?]]>([
    ['not JSON', ({ context }) => ['{', context]],
    ['null', ({ context }) => ['null', context]],
    ['without a context', ({ fact }) => [JSON.stringify(fact)]],
    ['with a context that is not JSON', ({ fact }) => [JSON.stringify(fact), '%']],
    ['with a context of another team', ({ fact }) => [JSON.stringify(fact), another]],
    ['without an id', ({ fact, context }) => [JSON.stringify({ ...fact, id: undefined }), context]],
    ['with a team that is SQL', ({ fact, context }) => [JSON.stringify({ ...fact, team: "' OR true --" }), context]],
    ['with a version that is text', ({ fact, context }) => [JSON.stringify({ ...fact, version: '1' }), context]],
    [
      'with predecessors that are no ids',
      ({ fact, context }) => [JSON.stringify({ ...fact, previous: { a: 'b' } }), context],
    ],
    ['of another subject', ({ fact, context }) => [JSON.stringify(fact), context, 'fact.gateway.member.changed.v1']],
  ])('%s is told about, and nothing waits for it', async (_, make) => {
    const before = await counted();
    await Process.start(desk);
    const [data, context, subject] = make(whole());
    await publish(data, (set) => context !== undefined && set('spectrace-context', context), subject);
    const ids = await desk.write(1);
    await desk.publish(...ids);
    await desk.allActed(ids);
    await desk.nothingPending();
    expect(desk.heard).toHaveLength(1);
    expect(await counted()).toBe(before + 1);
    expect(alerts).toMatchObject([{ service: 'executor', subject: subject ?? SUBJECT }]);
  });

  it('because JetStream read it out, and whoever asked for it chose the subject, does not act', async () => {
    await Process.start(desk);
    const { fact, context } = whole();
    await publish(JSON.stringify(fact), (set) => {
      set('spectrace-context', context);
      set('Nats-Stream', 'FACTS');
    });
    await until('somebody is told', () => alerts.length > 0);
    expect(alerts).toMatchObject([{ service: 'executor', subject: SUBJECT }]);
    await desk.nothingPending();
    expect(desk.heard).toEqual([]);
  });

  it('with a body of another class is a fact that fails', async () => {
    await Process.start(desk);
    const { fact, context } = whole();
    await publish(JSON.stringify({ ...fact, body: { status: 'yes' } }), (set) => set('spectrace-context', context));
    await until('it failed', async () => {
      const rows = await desk.asExecutor<{ error: object }[]>(`SELECT error FROM postponed_fact`);
      return rows.length === 1 && rows[0];
    });
    expect(desk.heard).toEqual([]);
  });
});
