import { call, type Answer } from '../caller.js';
import { Chance } from '#testing';
import type { SuiteProcess } from '../suite-process.js';
import { type Attempt, Attacker, type OpenRoute } from './requests.js';
import { makeWorld, type World } from './world.js';

export interface Barrage {
  requests: number;
  seed: number;
  say(line: string): void;
}

export interface BarrageTally {
  requests: number;
  /** Each: what was asked, and what of the other team's came back. */
  leaks: string[];
  /** Answers of 500: a request that nobody foresaw. */
  broken: string[];
  /** Answers of 2xx, by route. */
  answered: Map<string, number>;
  routes: string[];
  /** Senders that were let in to the end. */
  alive: number;
}

/** What lets requests come as fast as they can: the quotas are not what is tested. */
export const UNLIMITED = {
  RATE_LIMIT_KEY: '100000000',
  RATE_LIMIT_SESSION: '100000000',
  RATE_LIMIT_NEW_KEYS: '100000000',
  TRUST_PROXY: '127.0.0.1',
};

const LANES = 12;
const TOLD_EVERY = 10_000;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What of a team's is in a text and was not in what was said. */
export const leaksIn = (text: string, said: string, of: Pick<World, 'canary' | 'ids'>): string[] => {
  const ids = [...new Set(text.match(UUID))].filter((id) => of.ids.has(id) && !said.includes(id));
  // A name that was said may come back, and as often as it likes: what is left over is new.
  const rest = text.replaceAll(UUID, '');
  const names = rest.includes(of.canary) && !said.includes(of.canary) ? [of.canary] : [];
  return [...ids, ...names];
};

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Ids of what a team has made meanwhile are its own too. */
const learn = (own: World, { status, body }: Answer): void => {
  if (status !== 201 && status !== 202) return;
  for (const id of JSON.stringify(body).match(UUID) ?? []) own.ids.add(id);
};

const OPEN_MS = 2_000;
const INTERNAL = 500;

/** The first of a stream is enough. */
const send = async (url: string, { route, path, headers, body }: Attempt): Promise<Answer> => {
  if (!route.path.endsWith('/stream')) return call(url, route.method, path, { headers, body });
  const cut = new AbortController();
  const late = setTimeout(() => cut.abort(), OPEN_MS);
  try {
    const answer = await fetch(url + path, { method: route.method, headers, signal: cut.signal });
    const text =
      answer.headers.get('content-type')?.startsWith('text/event-stream') && answer.body
        ? new TextDecoder().decode((await answer.body.getReader().read()).value)
        : await answer.text();
    return { status: answer.status, headers: answer.headers, body: text };
  } finally {
    clearTimeout(late);
    cut.abort();
  }
};

export const routesOf = async (suite: SuiteProcess): Promise<OpenRoute[]> => {
  const { body } = await suite.admin.get('/api/openapi.json');
  interface Operation {
    parameters?: { in: string; name: string }[];
  }
  return Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [] }]) => ({
      method: method.toUpperCase(),
      path,
      query: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
    })),
  );
};

const judge = (attempt: Attempt, answer: Answer, other: World, tally: BarrageTally): void => {
  const { route, sender, path, said, reaches } = attempt;
  const text = `${JSON.stringify([...answer.headers])}${typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)}`;
  const what = `${sender.name}: ${route.method} ${path} -> ${answer.status}`;
  const leaked = leaksIn(text, said, other);
  if (leaked.length > 0) tally.leaks.push(`${what}: ${leaked.slice(0, 3).join(', ')}`);
  else if (reaches && isSuccess(answer.status)) tally.leaks.push(`${what}: a thing of the other team`);
  if (answer.status === INTERNAL) tally.broken.push(`${what} ${text.slice(-200)}`);
  if (isSuccess(answer.status)) {
    const name = `${route.method} ${route.path}`;
    tally.answered.set(name, (tally.answered.get(name) ?? 0) + 1);
  }
};

/** Two teams send made-up requests at each other's things; what either has learned of the other is a leak. */
export const bombard = async (suite: SuiteProcess, { requests, seed, say }: Barrage): Promise<BarrageTally> => {
  const routes = await routesOf(suite);
  const worlds = [await makeWorld(suite), await makeWorld(suite)] as const;
  const chance = new Chance(seed);
  const sides = [
    { own: worlds[0], other: worlds[1], attacker: new Attacker(chance, worlds[0], worlds[1], routes) },
    { own: worlds[1], other: worlds[0], attacker: new Attacker(chance, worlds[1], worlds[0], routes) },
  ];
  const tally: BarrageTally = {
    requests: 0,
    leaks: [],
    broken: [],
    answered: new Map(),
    routes: routes.map(({ method, path }) => `${method} ${path}`),
    alive: 0,
  };
  const lane = async (): Promise<void> => {
    while (tally.requests < requests) {
      const { own, other, attacker } = sides[tally.requests % sides.length]!;
      tally.requests += 1;
      if (tally.requests % TOLD_EVERY === 0) say(`${tally.requests} requests, ${tally.leaks.length} leaks`);
      const attempt = attacker.next();
      const answer = await send(suite.url, attempt);
      learn(own, answer);
      judge(attempt, answer, other, tally);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const { headers } of worlds.flatMap(({ senders }) => senders)) {
    const { status } = await call(suite.url, 'GET', '/api/auth/me', { headers });
    if (status === 200) tally.alive += 1;
  }
  return tally;
};
