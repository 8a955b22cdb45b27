import { uuidv7 } from '#kernel';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { call, type Caller } from '../caller.js';
import { passwordOf, type SuiteProcess } from '../suite-process.js';
import { makeWorkspace } from '../workspace.js';

/** Whoever sends requests: a name for the record, and the headers that let them in. */
export interface Sender {
  name: string;
  headers: Record<string, string>;
}

/** One of two teams that have everything an attacker may be after. */
export interface World {
  team: string;
  /** In every name and text that the team has; nowhere else. */
  canary: string;
  senders: Sender[];
  /** Every id of the team's: those that were made on the way too. */
  ids: Set<string>;
  /** By what routes call them in their paths: what is there. */
  things: Record<string, string[]>;
  /** The same of what may be ended without ending a sender. */
  spare: Record<string, string[]>;
  /** Texts that name something of the team's. */
  texts: string[];
  folder: string;
}

export const playbookOf = (name: string, canary: string, step: string): string => `
apiVersion: playbook/v1
name: ${name}
description: of ${canary}
steps:
  - id: only
${step}
`;
export const LOOK = '    uses: file.list@v1\n    with: { path: . }';
const ASK = '    uses: file.delete@v1\n    with: { path: data/customers.db }';

/** A browser's headers: cookies last longer than the requests, an access token may not. */
const cookiesOf = async (url: string, email: string): Promise<Record<string, string>> => {
  const { status, headers } = await call(url, 'POST', '/api/auth/login', {
    body: { email, password: passwordOf(email) },
  });
  if (status !== 200) throw new Error(`login of ${email}: ${status}`);
  const pairs = headers.getSetCookie().map((line) => line.split(';', 1)[0]!);
  const csrf = pairs.find((pair) => pair.startsWith('spectrace_csrf='))!.split('=', 2)[1]!;
  return { cookie: pairs.join('; '), 'x-csrf-token': csrf };
};

const sessionsOf = async (by: Caller): Promise<string[]> =>
  (await by.get('/api/auth/sessions')).body.items.map(({ id }: { id: string }) => id);

const keyOf = async (by: Caller, body: object): Promise<{ id: string; api_key: string }> => {
  const { status, body: made } = await by.post('/api/keys', body);
  if (status !== 201) throw new Error(`key: ${status} ${JSON.stringify(made)}`);
  return made;
};

/** A new team with people, keys, playbooks, a run that waits and one that is over, all named by its canary. */
export const makeWorld = async (suite: SuiteProcess): Promise<World> => {
  const canary = `canary${randomBytes(8).toString('hex')}`;
  const { body: team } = await suite.admin.post('/api/teams', { name: `team ${canary}` });
  const address = (who: string): string => `${who}@${canary}.example`;
  const person = (who: string, role: string): Promise<Caller> => suite.person(address(who), role, team.id);
  const [admin, operator, approver] = [
    await person('admin', 'admin'),
    await person('operator', 'operator'),
    await person('approver', 'approver'),
  ];
  const spare = await person('spare', 'viewer');
  const made = {
    person: await keyOf(admin, { type: 'person', name: `person ${canary}` }),
    agent: await keyOf(admin, { type: 'agent', name: `agent ${canary}`, role: 'admin' }),
    service: await keyOf(admin, { type: 'service', name: `service ${canary}`, role: 'admin' }),
    spare: await keyOf(admin, { type: 'service', name: `spare ${canary}` }),
  };
  const names = { look: `look-${canary}`, ask: `ask-${canary}` };
  await admin.register(playbookOf(names.look, canary, LOOK));
  await admin.register(playbookOf(names.ask, canary, ASK));
  const folder = makeWorkspace(join(suite.workspaces, canary), { 'data/customers.db': 'a\n' });
  const task = { task_description: `task of ${canary}`, agent_id: `agent ${canary}` };
  const waiting = await operator.submit(names.ask, folder, task);
  await operator.paused(waiting);
  const over = await operator.submit(names.look, makeWorkspace(`${folder}-too`, { a: 'a' }), task);
  await operator.ended(over);
  const approval = await approver.pendingApproval(waiting);
  const { body: bypass } = await approver.post('/api/autonomy/bypasses', {
    ...{ agent_id: task.agent_id, tool: 'file.delete@v1', minutes: 60, uses: 20, reason: `reason of ${canary}` },
  });
  const { body: members } = await admin.get(`/api/teams/${team.id}/members`);
  // Whoever made the teams is in both: nothing of one of them alone.
  const { email: maker } = (await suite.admin.get('/api/auth/me')).body.user;
  const users = members.items
    .filter(({ email }: { email: string }) => email !== maker)
    .map(({ id }: { id: string }) => id);
  const spareUser = members.items.find(({ email }: { email: string }) => email === address('spare')).id;
  const sessions = [...(await sessionsOf(admin)), ...(await sessionsOf(operator))];
  const spareSessions = await sessionsOf(spare);
  const keys = Object.values(made).map(({ id }) => id);
  return {
    team: team.id,
    canary,
    folder,
    senders: [
      { name: 'session admin', headers: await cookiesOf(suite.url, address('admin')) },
      { name: 'session operator', headers: await cookiesOf(suite.url, address('operator')) },
      { name: 'session approver', headers: await cookiesOf(suite.url, address('approver')) },
      { name: 'key of a person', headers: { 'x-api-key': made.person.api_key } },
      { name: 'key of an agent', headers: { 'x-api-key': made.agent.api_key } },
      { name: 'key of a service', headers: { 'x-api-key': made.service.api_key } },
    ],
    ids: new Set([team.id, waiting, over, approval, bypass.id, ...users, ...sessions, ...spareSessions, ...keys]),
    things: {
      team_id: [team.id],
      execution_id: [waiting, over],
      id: [approval, bypass.id, ...keys],
      user_id: users,
      session_id: [...sessions, ...spareSessions],
      name: Object.values(names),
    },
    spare: { id: [made.spare.id], user_id: [spareUser], session_id: spareSessions, team_id: [team.id] },
    texts: [canary, `team ${canary}`, ...Object.values(names), task.task_description, task.agent_id, folder],
  };
};

/** An id that nobody has. */
export const nobodys = (): string => uuidv7();
