import { Chance, moment, until } from '#testing';
import { join } from 'node:path';
import type pg from 'pg';
import type { Caller } from '../caller.js';
import { Processes } from '../processes.js';
import { upTo } from '../watcher.js';
import { makeWorkspace } from '../workspace.js';

const RUNS_PER_TRIAL = 2;
const STEPS = 60;
/** From the first effect of every run to the request, at most. */
const LONGEST_HEAD_START_MS = 300;
const DEADLINE_MS = 60_000;
/** A sign-in is good for ten minutes. */
const SIGN_IN_MS = 300_000;

/** Each step tells when it began, by the clock of the machine, and then takes a moment. */
const STAMPS = `
apiVersion: playbook/v1
name: stamps
steps:
${upTo(STEPS)
  .map(
    (n) => `
  - id: stamp_${n}
    uses: shell.run@v1
    with: { argv: [sh, -c, 'date +began-%s.%3N; sleep 0.02'] }`,
  )
  .join('')}
`;

export interface House {
  processes: Processes;
  /** One of the admins, signed in. */
  admin: (n: number) => Promise<Caller>;
}

/** What one request to stop an agent came to; times in milliseconds. */
export interface Trial {
  /** From the request to its 200. */
  answered_ms: number;
  /** From the 200 to the last effect that began; negative when none began after it. */
  last_effect_ms: number;
  /** From the 200 to the end of the last run. */
  ended_ms: number;
  /** Effects that began in all. */
  effects: number;
  /** How each run ended. */
  statuses: string[];
  /** Executors that were running a program when the request was sent. */
  working: number;
}

/** Every service a process of its own that comes back when it dies, two executors, and as many admins as it takes to stay below the limits. */
export const openHouse = async (people: number): Promise<House> => {
  const processes = await Processes.run(['--gateways', '1', '--restart'], {
    KILL_RELEASE_STAGE_SECONDS: '0',
    EXECUTOR_SLOTS: '8',
  });
  const admins: { email: string; caller: Caller; since: number }[] = [];
  for (let n = 0; n < people; n += 1) {
    const email = `admin.${n}@example.org`;
    admins.push({ email, caller: await processes.person(email, 'admin'), since: performance.now() });
  }
  await processes.admin.register(STAMPS);
  const admin = async (n: number): Promise<Caller> => {
    const one = admins[n % admins.length]!;
    if (performance.now() - one.since > SIGN_IN_MS) {
      one.since = performance.now();
      one.caller = await processes.personAgain(one.email);
    }
    return one.caller;
  };
  return { processes, admin };
};

/**
 * Stops agents in the middle of their runs, `trials` times, `lanes` of them at once: two runs of an agent that begin one
 * effect after the other, and at a moment that the seed decides the request.
 */
export const stopAgents = async (
  { processes, admin }: House,
  { trials, lanes, seed, each }: { trials: number; lanes: number; seed: number; each?: (trial: Trial) => void },
): Promise<Trial[]> => {
  const chance = new Chance(seed);
  const heads = upTo(trials).map(() => chance.between(0, LONGEST_HEAD_START_MS));
  const results: Trial[] = [];
  const lane = async (): Promise<void> => {
    await using stack = new AsyncDisposableStack();
    const database = stack.adopt(await processes.connect(), (client) => client.end());
    // When another lane has failed the house closes under this one; what made it fail is told, not this.
    database.on('error', () => undefined);
    for (;;) {
      const n = trials - heads.length;
      const head = heads.shift();
      if (head === undefined) return;
      const trial = await stopAgent({ processes, database, admin: await admin(n) }, `${seed}-${n}`, head);
      results.push(trial);
      each?.(trial);
    }
  };
  await Promise.all(upTo(lanes).map(lane));
  return results;
};

interface Scene {
  processes: Processes;
  database: pg.Client;
  admin: Caller;
}

const stopAgent = async ({ processes, database, admin }: Scene, name: string, headMs: number): Promise<Trial> => {
  const agent_id = `agent-${name}`;
  const ids = await Promise.all(
    upTo(RUNS_PER_TRIAL).map((n) => {
      const folder = makeWorkspace(join(processes.workspaces, `${agent_id}-${n}`), {});
      return admin.submit('stamps', folder, { agent_id });
    }),
  );
  const count = async (sql: string): Promise<number> =>
    (await database.query<{ n: number }>(`SELECT count(*)::integer AS n FROM ${sql}`, [ids])).rows[0]!.n;
  const begun = `(SELECT DISTINCT execution_id FROM executor.journal WHERE execution_id = ANY($1) AND kind = 'action.done') AS begun`;
  await until('every run to have begun', async () => (await count(begun)) === ids.length, DEADLINE_MS, 20);
  await moment(headMs);
  const working = ['executor-1', 'executor-2'].filter((executor) => processes.sandboxesOf(executor) > 0).length;
  const asked = Date.now();
  const { status, body } = await admin.post('/api/autonomy/kill-switch', {
    scope: 'agent',
    agent_id,
    reason: 'A trial.',
  });
  const answered = Date.now();
  if (status !== 201) throw new Error(`kill: ${status} ${JSON.stringify(body)}`);
  const ended = `executor.execution WHERE id = ANY($1) AND finished_at IS NOT NULL`;
  await until('every run to have ended', async () => (await count(ended)) === ids.length, DEADLINE_MS, 20);
  const stamps = await beginningsOf(database, ids);
  const { rows } = await database.query<{ status: string; finished_at: Date }>(
    `SELECT status, finished_at FROM executor.execution WHERE id = ANY($1)`,
    [ids],
  );
  const released = await admin.call('DELETE', '/api/autonomy/kill-switch', { body: { id: body.id } });
  if (released.status !== 200) throw new Error(`release: ${released.status} ${JSON.stringify(released.body)}`);
  return {
    answered_ms: answered - asked,
    last_effect_ms: Math.max(...stamps) - answered,
    ended_ms: Math.max(...rows.map(({ finished_at }) => finished_at.getTime())) - answered,
    effects: stamps.length,
    statuses: rows.map((row) => row.status),
    working,
  };
};

/** When each effect of these runs began, milliseconds since 1970, by its own word, also if it was stopped or undone. */
const beginningsOf = async (database: pg.Client, ids: string[]): Promise<number[]> => {
  const { rows } = await database.query<{ text: string | null }>(
    `SELECT body#>>'{step,actions,0,done,output,stdout}' AS text FROM executor.journal
     WHERE execution_id = ANY($1) AND kind = 'action.done'`,
    [ids],
  );
  return rows.flatMap(({ text }) => {
    const found = /began-(\d+\.\d{3})/.exec(text ?? '');
    return found ? [Number(found[1]) * 1_000] : [];
  });
};

/** The value below which this share of them lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
};
