import { afterEach, expect, it } from '@jest/globals';
import { prediction } from '#contracts';
import { type EmbeddedNats, startNats } from '#embedded';
import { uuidv7 } from '#kernel';
import { Bus, prepareStream, replayTo } from '#messaging';
import { connectNats, type RunningService, startService } from '#service';
import { callContext, openTestPlatform, type TestPlatform, until } from '#testing';
import { join } from 'node:path';
import { heardOf, hearer, publish, publisher, step } from './messaging.fixture.js';

let platform: TestPlatform;
let server: EmbeddedNats;
let running: RunningService[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
  await server.stop();
  await platform.close();
});

it.each([
  ['one user for everybody', { user: 'everybody', password: 'of a test' }, 'everybody:of%20a%20test@'],
  ['no users', { timeout: 2 }, ''],
])('a NATS server with %s carries questions, facts and replays', async (_, authorization, login) => {
  platform = await openTestPlatform([hearer, publisher]);
  server = await startNats({ storeDir: join(platform.home, 'one-account'), access: { authorization } });
  const place = { ...platform, natsUrl: `nats://${login}127.0.0.1:${server.port}` };
  const connections = await Promise.all(
    (['bootstrap', 'executor', 'operator'] as const).map((identity) => connectNats(place, identity)),
  );
  const [bootstrap, asking, operator] = connections as [never, never, never];
  await prepareStream(bootstrap);
  running = [await startService(hearer, place), await startService(publisher, place)];
  const ctx = callContext();
  const answer = await new Bus(asking).call(ctx, prediction.step.analyze, step('think'));
  expect(answer.state).toEqual({ team: ctx.team });
  const id = uuidv7();
  await publish(running[1]!, ctx, [id]);
  await until('the fact', () => heardOf([id]).length === 1);
  expect(await replayTo(operator, 'prediction', new Date(0).toISOString())).toEqual({ executor: 1 });
  for (const connection of connections) await connection.close();
});
