import type { Chance } from '#testing';
import { BODIES, type Json } from '../route-bodies.js';
import type { Route } from '../settled-suite.js';
import { LOOK, nobodys, playbookOf, type Sender, type World } from './world.js';

/** One request, made up. */
export interface Attempt {
  route: Route;
  sender: Sender;
  path: string;
  headers: Record<string, string>;
  body: Json | undefined;
  /** Everything it says but its credentials: an answer may say it again. */
  said: string;
  /** True: its path names something of the other team's. */
  reaches: boolean;
}

export interface OpenRoute extends Route {
  /** Names of its query. */
  query: string[];
}

/** Keys that both teams use: what one was answered is nothing for the other. */
const SHARED_KEYS = 16;
/** Shares of the requests that do so. */
const WRONG_IDS = 0.6;
const WRONG_FIELDS = 0.35;
const WRONG_TEAM = 0.15;
const REPEATS = 0.3;
const EXTRA_QUERY = 0.4;
const JUNK = ['', '*', '%', "' OR 1=1 --", '../..', '0', '-1', '😀', 'null', '__proto__'];
/** The session of whoever asks would be over with it, or go on under another token. */
const ENDS_ITS_SENDER = ['/api/auth/logout', '/api/auth/refresh'];
const ENDS = new Set(['DELETE', 'PATCH']);
/** Fields of bodies that refer to something. What is only kept would come back later, and be no leak. */
const REFERENCES = ['execution_id', 'user_id', 'team_id', 'session_id', 'digest', 'refresh_token'];
/** Whoever knows an address may take its person in, who is then one of both teams. */
const TAKES_PEOPLE_IN = '/api/teams/{team_id}/members';

/** Makes up requests of one team's senders, aimed at the other team. */
export class Attacker {
  private addresses = 0;

  constructor(
    private readonly chance: Chance,
    private readonly own: World,
    private readonly other: World,
    private readonly routes: readonly OpenRoute[],
  ) {}

  next(): Attempt {
    const route = this.pick(this.routes);
    const sender = this.pick(this.own.senders);
    const { path, reaches } = this.pathOf(route);
    const headers: Record<string, string> = {};
    if (this.happens(WRONG_TEAM)) headers['x-team-id'] = this.pick([this.other.team, this.own.team, nobodys()]);
    if (this.happens(REPEATS)) headers['idempotency-key'] = `shared-${Math.floor(this.chance.next() * SHARED_KEYS)}`;
    const body = route.method === 'GET' ? undefined : this.bodyOf(route);
    const said = decodeURIComponent(path) + JSON.stringify([headers, body ?? null]);
    const credentials = ENDS_ITS_SENDER.includes(route.path) ? {} : sender.headers;
    // Every request from an address of its own, or the limit of refused ones would answer most of them.
    const from = `10.${this.byte(16)}.${this.byte(8)}.${this.byte(0)}`;
    this.addresses += 1;
    return {
      route,
      sender,
      path,
      body,
      said,
      reaches,
      headers: { ...credentials, ...headers, 'x-forwarded-for': from },
    };
  }

  private byte(shift: number): number {
    return (this.addresses >> shift) & 0xff;
  }

  private pathOf(route: OpenRoute): { path: string; reaches: boolean } {
    let reaches = false;
    const path = route.path.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => {
      if (!this.happens(WRONG_IDS)) return encodeURIComponent(this.pick(this.ownThings(route, name)));
      if (this.happens(0.1)) return encodeURIComponent(this.pick([nobodys(), ...JUNK.slice(1)]));
      reaches = true;
      // Of the same kind mostly; sometimes something else of theirs.
      const of = this.happens(0.8) ? this.other.things[name] : [...this.other.ids];
      return encodeURIComponent(this.pick(of ?? [nobodys()]));
    });
    const named = route.query.filter(() => this.happens(EXTRA_QUERY));
    if (named.length === 0) return { path, reaches };
    const query = new URLSearchParams(named.map((name): [string, string] => [name, this.value(name)]));
    return { path: `${path}?${query}`, reaches };
  }

  private ownThings({ method }: Route, name: string): string[] {
    return (ENDS.has(method) ? this.own.spare[name] : this.own.things[name]) ?? [nobodys()];
  }

  private bodyOf(route: Route): Json {
    const body = structuredClone(BODIES[`${route.method} ${route.path}`] ?? {});
    if (route.path === '/api/keys') delete body['user_id'];
    if (route.path === '/api/execute') {
      body['playbook'] = { name: this.pick([...this.own.things['name']!, ...this.other.things['name']!]) };
      body['workspace'] = { kind: 'local', path: this.own.folder };
      delete body['on_behalf_of'];
      return body;
    }
    if (route.path === TAKES_PEOPLE_IN) {
      return { ...body, email: `${nobodys()}@${this.own.canary}.example` };
    }
    if (route.path.startsWith('/api/playbooks')) {
      return { source: playbookOf(`own-${this.own.canary}`, this.own.canary, LOOK) };
    }
    if (route.path === '/api/teams') return { name: `${this.own.canary} ${nobodys()}` };
    return this.spoiled(body);
  }

  /** The body with ids of the other team's, and with nonsense, here and there. */
  private spoiled(body: Json): Json {
    return Object.fromEntries(
      Object.entries(body).map(([name, value]) => {
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
          return [name, this.spoiled(value as Json)];
        }
        if (typeof value !== 'string' || !this.happens(WRONG_FIELDS)) return [name, value];
        return [name, REFERENCES.includes(name) ? this.value(name) : this.pick([value, nobodys(), ...JUNK])];
      }),
    );
  }

  private value(name: string): string {
    if (name === 'limit') return this.pick(['1', '200', '0']);
    if (name === 'after') return this.pick(['0', '1', '-1']);
    const theirs = [...(this.other.things[name] ?? []), ...this.other.texts, this.pick([...this.other.ids])];
    return this.happens(0.8) ? this.pick(theirs) : this.pick([nobodys(), ...JUNK]);
  }

  private happens(share: number): boolean {
    return this.chance.next() < share;
  }

  private pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.chance.next() * of.length)]!;
  }
}
