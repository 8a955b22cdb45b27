import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  executor,
  type Fact,
  factSubject,
  gateway as contracts,
  governance,
  ownerOf,
  type ServiceName,
} from '#contracts';
import { uuidv7 } from '#kernel';
import { until } from '#testing';
import type { Socket } from 'socket.io-client';
import { type LiveGateway, openLiveGateway, upTo } from './live.fixture.js';
import { socketIo } from './live-readers.fixture.js';

let gateway: LiveGateway;
const sockets: Socket[] = [];
beforeAll(async () => {
  gateway = await openLiveGateway();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(() => gateway.close());

interface Page {
  socket: Socket;
  hints: { type: string; id: string }[];
  frames: executor.Frame[];
  errors: { code: string; execution_id?: string }[];
}

/** A page of the console: by ticket, first polling, then WebSocket. */
const openPage = async (token = gateway.token): Promise<Page> => {
  const socket = socketIo(gateway.url, { auth: { ticket: await gateway.ticket(token) } });
  const page: Page = { socket, hints: [], frames: [], errors: [] };
  sockets.push(socket);
  socket.on('hint', (hint) => page.hints.push(hint));
  socket.on('error', (error) => page.errors.push(error));
  socket.on('step_update', (frame) => page.frames.push(frame));
  socket.on('completion', (frame) => page.frames.push(frame));
  await until('the page to connect', () => socket.connected);
  return page;
};

const ask = (page: Page, event: string, ...args: unknown[]): Promise<object> =>
  page.socket.timeout(5_000).emitWithAck(event, ...args);

const tell = (fact: Fact<object>, team: string, id: string): void =>
  gateway.nats
    .of(ownerOf(fact) as ServiceName)
    .publish(factSubject(fact), JSON.stringify({ id: uuidv7(), team, aggregate_id: id, body: { secret: 1 } }), {
      reply: `_INBOX_${ownerOf(fact)}.acknowledged`,
    });

const FACTS: [string, Fact<object>][] = [
  ['approval.requested', governance.approvalRequested],
  ['approval.decided', governance.approvalDecided],
  ['kill.requested', governance.killRequested],
  ['kill.confirmed', governance.killConfirmed],
  ['kill.released', governance.killReleased],
  ['budget.changed', governance.budgetChanged],
  ['budget.reached', governance.budgetReached],
  ['violation.recorded', governance.violationRecorded],
  ['violation.changed', governance.violationChanged],
  ['policy.published', governance.policyPublished],
  ['approval.changed', governance.approvalVoted],
  ['approval.changed', governance.approvalEdited],
  ['approval.changed', governance.approvalClaimed],
  ['approval.escalated', governance.approvalEscalated],
  ['bypass.changed', governance.bypassAdded],
  ['bypass.changed', governance.bypassRevoked],
  ['execution.submitted', executor.executionSubmitted],
  ['execution.finished', executor.executionFinished],
  ['member.changed', contracts.memberChanged],
];

describe("a team's room", () => {
  it.each(FACTS)('hints at %s by its id alone', async (type, fact) => {
    const page = await openPage();
    expect(await ask(page, 'join_team')).toEqual({ ok: true });
    const id = uuidv7();
    tell(fact, gateway.team, id);
    await until('the hint', () => page.hints.length === 1);
    expect(page.hints).toEqual([{ type, id }]);
  });

  it('hints at what a run adds at most four times a second, and at the last of it', async () => {
    const page = await openPage();
    await ask(page, 'join_team', gateway.team);
    const run = gateway.newRun();
    const began = performance.now();
    for (let n = 0; n < 60; n += 1) run.grow(5);
    await until('the first hint', () => page.hints.length === 1);
    const first = performance.now() - began;
    await until('the last hint', () => page.hints.length === 2);
    expect(first).toBeLessThan(200);
    run.grow(1);
    await until('the next', () => page.hints.length === 3);
    expect(page.hints).toEqual(Array.from({ length: 3 }, () => ({ type: 'execution.changed', id: run.id })));
    expect(performance.now() - began).toBeGreaterThan(400);
  });

  it('is told what a real change of a member changed', async () => {
    const page = await openPage();
    await ask(page, 'join_team');
    await gateway.person('somebody.new@example.org', 'viewer');
    await until('the hint', () => page.hints.some(({ type }) => type === 'member.changed'));
  });

  it('hears nothing of another team, nor anything it has not joined', async () => {
    const { body: other } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: 'room neighbours' },
    });
    const [page, silent] = [await openPage(), await openPage()];
    await ask(page, 'join_team');
    tell(governance.approvalRequested, other.id, uuidv7());
    gateway.newRun(other.id).grow(3);
    const id = uuidv7();
    tell(governance.approvalRequested, gateway.team, id);
    await until('our hint', () => page.hints.length > 0);
    expect(page.hints).toEqual([{ type: 'approval.requested', id }]);
    expect(await ask(silent, 'leave_execution', id)).toEqual({ ok: true });
    expect(silent.hints).toEqual([]);
  });

  it('tells somebody without a role in the team about members, budgets and kill switches alone', async () => {
    const { body: other } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: 'room of others' },
    });
    const admin = await gateway.person('room.admin@example.org', 'admin', other.id);
    await gateway.call('DELETE', `/api/teams/${other.id}/members/${(await me()).user.id}`, { token: admin.token });
    const extraHeaders = { authorization: `Bearer ${gateway.token}`, 'x-team-id': other.id };
    const socket = socketIo(gateway.url, { extraHeaders });
    sockets.push(socket);
    const hints: object[] = [];
    socket.on('hint', (hint) => hints.push(hint));
    await until('the socket to connect', () => socket.connected);
    expect(await socket.emitWithAck('join_team')).toEqual({ ok: true });
    const id = uuidv7();
    for (const [, fact] of FACTS) tell(fact, other.id, id);
    const audible = FACTS.map(([type]) => type).filter((type) => /^(budget|kill|member)\./.test(type));
    await until('the hints', () => hints.length === audible.length);
    // Each owner tells over a connection of its own: between them there is no order.
    expect(new Set(hints)).toEqual(new Set(audible.map((type) => ({ type, id }))));
    expect(await socket.emitWithAck('join_execution', uuidv7())).toMatchObject({ code: 'auth.permission_missing' });
  });
});

const me = async (): Promise<{ user: { id: string } }> =>
  (await gateway.call('GET', '/api/auth/me', { token: gateway.token })).body;

describe('a Socket.IO client', () => {
  it('follows several executions at once, each from where it wants, and leaves one', async () => {
    const page = await openPage();
    const [one, two] = [gateway.newRun(), gateway.newRun()];
    one.grow(3, { shown: false });
    two.grow(3, { shown: false });
    expect(await ask(page, 'join_execution', one.id)).toEqual({ ok: true, last_seq: 3 });
    expect(await ask(page, 'join_execution', { execution_id: two.id, after: 2 })).toEqual({ ok: true, last_seq: 3 });
    const seqsOf = (id: string) => page.frames.filter((frame) => frame.execution_id === id).map(({ seq }) => seq);
    await until('the past', () => page.frames.length === 4);
    expect(await ask(page, 'leave_execution', one.id)).toEqual({ ok: true });
    one.grow(2);
    two.grow(2);
    await until('the present', () => seqsOf(two.id).length === 3);
    expect([seqsOf(one.id), seqsOf(two.id)]).toEqual([upTo(3), upTo(5, 2)]);
  });

  it('starts again where it joins again', async () => {
    const page = await openPage();
    const run = gateway.newRun();
    run.grow(4, { shown: false });
    await ask(page, 'join_execution', run.id);
    await until('all', () => page.frames.length === 4);
    await ask(page, 'join_execution', { execution_id: run.id, after: 3 });
    await until('the last again', () => page.frames.length === 5);
    run.complete();
    await until('the end', () => page.frames.length === 6);
    expect(page.frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 4, 5]);
  });

  it('follows a run that has ended no longer, and may join it again', async () => {
    const page = await openPage();
    const run = gateway.newRun();
    run.grow(1);
    await ask(page, 'join_execution', run.id);
    run.complete();
    await until('the end', () => page.frames.length === 2);
    run.completed = false;
    run.grow(1);
    expect(await ask(page, 'join_execution', { execution_id: run.id, after: 2 })).toEqual({ ok: true, last_seq: 3 });
    await until('what a rollback added', () => page.frames.length === 3);
  });

  it('follows at most twenty executions at a time', async () => {
    const page = await openPage();
    const runs = upTo(21).map(() => gateway.newRun());
    for (const run of runs.slice(0, 20)) expect(await ask(page, 'join_execution', run.id)).toMatchObject({ ok: true });
    const last = runs.at(-1)!.id;
    expect(await ask(page, 'join_execution', last)).toMatchObject({ ok: false, code: 'live.too_many_joined' });
    await ask(page, 'leave_execution', runs[0]!.id);
    expect(await ask(page, 'join_execution', last)).toMatchObject({ ok: true });
  });

  it('that asks for no acknowledgement hears of a refusal by an error', async () => {
    const page = await openPage();
    const unknown = uuidv7();
    page.socket.emit('join_execution', unknown);
    await until('the error', () => page.errors.length === 1);
    expect(page.errors[0]).toMatchObject({ code: 'execution.not_found', execution_id: unknown });
    expect(page.socket.connected).toBe(true);
  });
});
