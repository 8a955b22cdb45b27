import { executor, prediction } from '#contracts';
import { startNats } from '#embedded';
import { uuidv7 } from '#kernel';
import { Bus, FACTS_STREAM, prepareStream } from '#messaging';
import { Database } from '#persistence';
import { connectNats, type RunningService, startService } from '#service';
import { callContext, openTestPlatform, type TestPlatform, until } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { join } from 'node:path';
import { heard, heardOf, hearer, publish, publisher, step, thoughts } from './messaging.fixture.js';

const ctx = callContext();
let platform: TestPlatform;
let connection: NatsConnection;
let bootstrap: NatsConnection;
/** As the executor, which here answers nothing of its own accord. */
let answering: NatsConnection;
/** As the gateway. */
let bus: Bus;
/** As the executor. */
let asking: Bus;
let manager: JetStreamManager;
let running: RunningService[];

beforeAll(async () => {
  platform = await openTestPlatform([hearer, publisher]);
  running = [await startService(hearer, platform), await startService(publisher, platform)];
  connection = await connectNats(platform, 'gateway');
  bootstrap = await connectNats(platform, 'bootstrap');
  answering = await connectNats(platform, 'executor');
  manager = await jetstreamManager(bootstrap);
  bus = new Bus(connection);
  asking = new Bus(answering);
});

afterAll(async () => {
  for (const one of [connection, bootstrap, answering]) await one?.close();
  for (const one of running ?? []) await one.close();
  await platform?.close();
});

describe('a question', () => {
  it('reaches its handler with the context of the caller', async () => {
    const answer = await asking.call(ctx, prediction.step.analyze, step('think'));
    expect(answer.state).toEqual({ team: ctx.team });
  });

  it('with an unknown field is refused where it is', async () => {
    const call = asking.call(ctx, prediction.step.analyze, { ...step('think'), extra: 1 } as never);
    await expect(call).rejects.toMatchObject({
      code: 'input.invalid',
      details: { errors: [{ path: '/extra', message: 'unknown field "extra"' }] },
    });
  });

  it('that is refused carries code, message and whether to try again', async () => {
    const call = asking.call(ctx, prediction.step.analyze, step('refuse'));
    await expect(call).rejects.toMatchObject({ code: 'step.refused', message: 'No.', retryable: true });
  });

  it('that hits a bug says nothing about it', async () => {
    const call = asking.call(ctx, prediction.step.analyze, step('break'));
    await expect(call).rejects.toMatchObject({
      code: 'internal.error',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('inside a transaction is refused', async () => {
    const call = asking.call(ctx, prediction.step.analyze, step('call inside'));
    await expect(call).rejects.toMatchObject({ code: 'transaction.io_inside' });
  });

  it('that the graph does not give the service never leaves it', async () => {
    const question = new Bus(connection, 'governance').call(ctx, prediction.step.analyze, step('think'));
    await expect(question).rejects.toThrow('governance asks prediction.step.analyze.v1: the graph of contracts');
  });

  it('nobody handles fails at once', async () => {
    const call = bus.call(ctx, executor.playbook.list, {});
    await expect(call).rejects.toMatchObject({ code: 'service.unavailable', retryable: true });
  });

  it('nobody answers in time ends', async () => {
    const silent = answering.subscribe('rpc.executor.playbook.get.v1', { callback: () => undefined });
    await answering.flush();
    const call = bus.call(ctx, executor.playbook.get, { name: 'x' }, { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: 'service.timeout', retryable: true });
    silent.unsubscribe();
  });
});

describe('an answer that is not from a handler', () => {
  it('of a stream laid over the subject, on a server with one account for everything, is noticed', async () => {
    const access = { authorization: { user: 'everybody', password: 'of-a-test' } };
    const server = await startNats({ storeDir: join(platform.home, 'one-account'), access });
    const place = { ...platform, natsUrl: `nats://everybody:of-a-test@127.0.0.1:${server.port}` };
    const [asking, making] = await Promise.all([connectNats(place, 'gateway'), connectNats(place, 'bootstrap')]);
    await (await jetstreamManager(making)).streams.add({ name: 'OVER', subjects: ['rpc.executor.>'] });
    const call = new Bus(asking).call(ctx, executor.playbook.get, { name: 'x' });
    await expect(call).rejects.toMatchObject({ code: 'message.foreign_reply', retryable: false });
    await Promise.all([asking.close(), making.close()]);
    await server.stop();
  });

  it.each(['', 'null', '[]', '{}', '{"stream":"X","seq":1}', '{"response":{},"id":"another"}'])(
    '%j is noticed',
    async (text) => {
      const foreign = answering.subscribe('rpc.executor.playbook.get.v1', {
        callback: (_, message) => void message.respond(text),
      });
      await answering.flush();
      const call = bus.call(ctx, executor.playbook.get, { name: 'x' });
      await expect(call).rejects.toMatchObject({ code: 'message.foreign_reply' });
      foreign.unsubscribe();
    },
  );
});

describe('a question that nobody sent who may ask', () => {
  const forged = (thought: string) => {
    const carried = headers();
    carried.set('spectrace-context', encodeURIComponent(JSON.stringify(ctx)));
    const pattern = 'rpc.prediction.step.analyze.v1';
    return { pattern, data: JSON.stringify({ pattern, id: uuidv7(), data: step(thought) }), headers: carried };
  };

  it('has no effect: a stored message that JetStream was made to put', async () => {
    const { pattern, data, headers: carried } = forged('read out');
    const subject = `fact.${executor.executionFinished.subject}`;
    await jetstream(answering).publish(subject, data, { headers: carried });
    answering.publish(`FACTS_API.DIRECT.GET.FACTS.${subject}`, '', { reply: pattern });
    await answering.flush();
    await asking.call(ctx, prediction.step.analyze, step('after it was read out'));
    expect(thoughts.filter((thought) => thought.includes('read out'))).toEqual(['after it was read out']);
  });

  it.each([undefined, 'live.executor.execution.journaled.v1.t.e', '_INBOX_gateway.x.y', '_INBOX_executorx.y'])(
    'has neither effect nor answer: one that wants it on %s',
    async (reply) => {
      const { pattern, data, headers: carried } = forged('answer elsewhere');
      answering.publish(pattern, data, { headers: carried, ...(reply !== undefined && { reply }) });
      await answering.flush();
      await asking.call(ctx, prediction.step.analyze, step('afterwards'));
      expect(thoughts).not.toContain('answer elsewhere');
    },
  );
});

describe('a stream', () => {
  it.each(['rpc.>', 'rpc.executor.playbook.get.v1', 'live.>', '*.executor.playbook.>'])(
    'over %s is refused when the streams are prepared',
    async (subject) => {
      await manager.streams.delete(FACTS_STREAM);
      await manager.streams.add({ name: 'OVER', subjects: [subject] });
      const preparing = prepareStream(bootstrap);
      await expect(preparing).rejects.toMatchObject({ code: 'stream.over_questions' });
      await manager.streams.delete('OVER');
      await prepareStream(bootstrap);
    },
  );

  it('of facts is brought to this version and keeps what it holds', async () => {
    await manager.streams.update(FACTS_STREAM, { max_age: 0, allow_direct: false });
    const { state } = await manager.streams.info(FACTS_STREAM);
    await prepareStream(bootstrap);
    const after = await manager.streams.info(FACTS_STREAM);
    expect(after.config).toMatchObject({ allow_direct: true, subjects: ['fact.>'], max_age: 7 * 86_400 * 1e9 });
    expect(after.state.last_seq).toBe(state.last_seq);
  });
});

describe('a live view', () => {
  it('is not shown from inside a transaction, which may still be rolled back', async () => {
    const database = running[1]!.app.get(Database);
    const show = database.inTeam(ctx, async () => bus.show(executor.journaled, [ctx.team, ctx.team], {} as never));
    await expect(show).rejects.toMatchObject({ code: 'transaction.io_inside' });
  });

  it('that the graph does not give the service is not followed', () => {
    const watch = () => new Bus(connection, 'prediction').watch(executor.journaled, ['*', '*'], () => undefined);
    expect(watch).toThrow('prediction watches executor.execution.journaled.v1: the graph of contracts');
  });

  it('of a connection that is closing is dropped', async () => {
    const closing = await connectNats(platform, 'executor');
    const view = new Bus(closing);
    const drained = closing.drain();
    expect(() => view.show(executor.journaled, [ctx.team, ctx.team], {} as never)).not.toThrow();
    await drained;
    expect(() => view.show(executor.journaled, [ctx.team, ctx.team], {} as never)).not.toThrow();
  });
});

describe('a fact', () => {
  const publishing = () => running[1]!;
  const hear = (id: string) => until('the fact', () => heard.find((fact) => fact.aggregate_id === id), 15_000);

  it('is heard once, although it is published twice', async () => {
    const id = uuidv7();
    await publish(publishing(), ctx, [id]);
    const first = await hear(id);
    const database = publishing().app.get(Database);
    await database.inTeam(ctx, (tx) => tx.query(`UPDATE fact SET stream_seq = NULL WHERE id = $1`, [first.id]));
    await database.acrossTeams('a new day', (tx) => tx.query(`UPDATE relay SET stream_created = 'another stream'`));
    const marker = uuidv7();
    await publish(publishing(), ctx, [marker]);
    await hear(marker);
    expect(heardOf([id])).toHaveLength(1);
  });

  it('that is rolled back is never heard', async () => {
    const [gone, marker] = [uuidv7(), uuidv7()];
    const rolledBack = publish(publishing(), ctx, [gone, 'no uuid']);
    await expect(rolledBack).rejects.toThrow('uuid');
    await publish(publishing(), ctx, [marker]);
    await hear(marker);
    expect(heardOf([gone])).toEqual([]);
  });

  it('facts of one aggregate are heard in the order of their versions', async () => {
    const id = uuidv7();
    for (let i = 0; i < 20; i++) await publish(publishing(), ctx, [id]);
    await until('all of them', () => heardOf([id]).length === 20);
    const versions = heard.filter((fact) => fact.aggregate_id === id).map((fact) => fact.version);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('is not lost with the stream: the publisher sends it again', async () => {
    await running[0]!.close();
    const id = uuidv7();
    const { state } = await manager.streams.info(FACTS_STREAM);
    await publish(publishing(), ctx, [id]);
    const isThere = async () => (await manager.streams.info(FACTS_STREAM)).state.last_seq > state.last_seq;
    await until('it is on the stream', isThere);
    await manager.streams.delete(FACTS_STREAM);
    await prepareStream(bootstrap);
    running[0] = await startService(hearer, platform);
    await hear(id);
  });
});
