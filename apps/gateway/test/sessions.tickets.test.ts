import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningService, startService } from '#service';
import type pg from 'pg';
import { SessionRetentionWorker } from '../src/auth/session-retention.worker.js';
import { TicketService } from '../src/auth/ticket.service.js';
import { gateway as definition } from '../src/definition.js';
import { openGateway, passwordOf, sessionOf, type TestGateway } from './gateway.fixture.js';
import { age, Browser, openRows } from './sessions.fixture.js';

const EMAIL = 'member@example.org';
let gateway: TestGateway;
let second: RunningService;
let rows: pg.Client;
let member: { id: string; token: string };

beforeAll(async () => {
  gateway = await openGateway();
  second = await startService(definition, gateway.platform, { PORT: '0' });
  rows = await openRows(gateway);
  member = await gateway.person(EMAIL, 'operator');
});
afterAll(async () => {
  await rows.end();
  await second.close();
  await gateway.close();
});

const opened = async (): Promise<Browser & { id: string }> => {
  const browser = new Browser(gateway);
  const { body } = await browser.login(EMAIL, passwordOf(EMAIL));
  return Object.assign(browser, { id: sessionOf(body.access_token) });
};

describe('a stream ticket', () => {
  const redeem = (ticket: string, { app } = gateway.service) =>
    app.get(TicketService, { strict: false }).redeem(ticket);
  const issue = async (token = member.token, headers = {}): Promise<string> => {
    const { status, body } = await gateway.call('POST', '/api/stream-tickets', { token, headers });
    expect([status, body]).toEqual([201, { ticket: expect.stringMatching(/^[\w-]{43}$/), expires_in: 30 }]);
    return body.ticket;
  };
  const refused = { code: 'auth.ticket_invalid' };

  it('is redeemed once, by one of several processes', async () => {
    const ticket = await issue();
    const tries = await Promise.allSettled([1, 2, 3, 4].map((n) => redeem(ticket, n % 2 ? gateway.service : second)));
    const [{ value }, ...more] = tries.filter((one) => one.status === 'fulfilled') as [PromiseFulfilledResult<unknown>];
    expect(more).toEqual([]);
    const { exp } = JSON.parse(Buffer.from(member.token.split('.')[1]!, 'base64url').toString());
    expect(value).toEqual({
      user: member.id,
      team: gateway.team,
      session: sessionOf(member.token),
      key: null,
      endsAt: exp * 1_000,
    });
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject(refused);
  });

  it('acts in the team it was asked for in', async () => {
    const { body: team } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: 'elsewhere' },
    });
    expect(await redeem(await issue(gateway.token, { 'x-team-id': team.id }))).toMatchObject({ team: team.id });
  });

  it('ends after 30 s, and with its session', async () => {
    const late = await issue();
    await rows.query(`UPDATE gateway.stream_ticket SET expires_at = expires_at - interval '30 seconds'`);
    await expect(redeem(late)).rejects.toMatchObject(refused);
    const browser = await opened();
    const { body } = await browser.send('POST', '/api/stream-tickets');
    await browser.send('POST', '/api/auth/logout');
    await expect(redeem(body.ticket)).rejects.toMatchObject(refused);
  });

  it.each(['', 'x', 'A'.repeat(43), `${'A'.repeat(43)}'`, 'A'.repeat(100_000)])('of nobody, %#', async (ticket) => {
    await expect(redeem(ticket)).rejects.toMatchObject(refused);
  });
});

describe('what is long over', () => {
  it('is swept, and nothing else', async () => {
    const old = await opened();
    const fresh = await opened();
    for (const browser of [old, fresh]) await browser.send('POST', '/api/stream-tickets');
    await age(rows, old.id, '38 days');
    await rows.query(
      `UPDATE gateway.stream_ticket SET expires_at = now() - interval '1 second' WHERE session_id = $1`,
      [old.id],
    );
    await gateway.service.app.get(SessionRetentionWorker, { strict: false }).sweep();
    const { rows: left } = await rows.query(
      `SELECT session.id, count(hash)::integer AS tickets FROM gateway.session
       LEFT JOIN gateway.stream_ticket ON session_id = session.id WHERE session.id = ANY($1) GROUP BY 1`,
      [[old.id, fresh.id]],
    );
    expect(left).toEqual([{ id: fresh.id, tickets: 1 }]);
  });
});
