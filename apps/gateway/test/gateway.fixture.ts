import {
  type CallContext,
  type executor,
  ownerOf,
  parseMessage,
  type Rpc,
  rpcSubject,
  type ServiceName,
  SERVICES,
  type TeamRole,
} from '#contracts';
import { AppError, isAppError, uuidv7 } from '#kernel';
import { toWireError } from '#messaging';
import { connectNats, type RunningService, startService } from '#service';
import { openTestPlatform, type TestPlatform } from '#testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { NatsConnection } from '@nats-io/transport-node';
import type { AddressInfo } from 'node:net';
import { ensureFirstAdmin, gateway } from '../src/definition.js';

export const ADMIN = { email: 'first.admin@example.org', password: 'correct horse battery' };

export const passwordOf = (email: string): string => `of ${email}`;

export interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

interface Call {
  token?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array;
}

/** A connection as each service. */
export interface Peers {
  of(service: ServiceName): NatsConnection;
  close(): Promise<void>;
}

const openPeers = async (platform: TestPlatform): Promise<Peers> => {
  const connections = await Promise.all(
    SERVICES.map(async (service) => [service, await connectNats(platform, service)] as const),
  );
  const peers = new Map(connections);
  return {
    of: (service) => peers.get(service)!,
    close: async () => void (await Promise.all(connections.map(([, connection]) => connection.close()))),
  };
};

export interface TestGateway {
  platform: TestPlatform;
  service: RunningService;
  url: string;
  /** The first admin's token, and their team. */
  token: string;
  team: string;
  /** The places of the other services on the bus, where a test stands in for them. */
  nats: Peers;
  call(method: string, path: string, call?: Call): Promise<Answer>;
  login(email: string, password: string): Promise<string>;
  /** A new member of `team`, signed in and with a password of their own: `passwordOf`. */
  person(email: string, role: TeamRole, team?: string, by?: string): Promise<{ id: string; token: string }>;
  close(): Promise<void>;
}

/** Id of the session an access token belongs to. */
export const sessionOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).sid;

export const urlOf = (service: RunningService): string => {
  const { port } = (service.app as NestFastifyApplication).getHttpServer().address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
};

const callTo =
  (url: string) =>
  async (method: string, path: string, { token, headers = {}, body, raw }: Call = {}): Promise<Answer> => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...((body !== undefined || raw !== undefined) && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: (raw ?? (body === undefined ? undefined : JSON.stringify(body))) as RequestInit['body'],
    });
    const text = await answer.text();
    const json = /json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, headers: answer.headers, body: json && text ? JSON.parse(text) : text };
  };

/** The gateway on a NATS and a PostgreSQL of its own, with its first admin signed in. */
export const openGateway = async (settings: Record<string, string> = {}): Promise<TestGateway> => {
  const platform = await openTestPlatform([gateway]);
  const service = await startService(gateway, platform, { PORT: '0', ...settings });
  const url = urlOf(service);
  const call = callTo(url);
  const login = async (email: string, password: string): Promise<string> => {
    const { status, body } = await call('POST', '/api/auth/login', { body: { email, password } });
    if (status !== 200) throw new Error(`login of ${email}: ${status} ${JSON.stringify(body)}`);
    return body.access_token;
  };
  const first = await ensureFirstAdmin(service.app, ADMIN);
  const token = await login(ADMIN.email, ADMIN.password);
  const nats = await openPeers(platform);
  return {
    platform,
    service,
    url,
    token,
    team: first!.team,
    nats,
    call,
    login,
    person: async (email, role, team = first!.team, by = token) => {
      const { body } = await call('POST', `/api/teams/${team}/members`, { token: by, body: { email, role } });
      const signedIn = await login(email, body.one_time_password);
      const change = { old: body.one_time_password, new: passwordOf(email) };
      await call('POST', '/api/auth/password', { token: signedIn, body: change });
      return { id: body.user.id, token: signedIn };
    },
    close: async () => {
      await service.close();
      await nats.close();
      await platform.close();
    },
  };
};

/** Stands where another service will: answers one question, in the words of its contract. */
export const answers = async <I extends object, O extends object>(
  peers: Peers,
  question: Rpc<I, O>,
  answer: (input: I, ctx: CallContext) => O | Promise<O>,
): Promise<() => void> => {
  const nats = peers.of(ownerOf(question) as ServiceName);
  const subscription = nats.subscribe(rpcSubject(question), {
    callback: (_error, message) => {
      const reply = async (): Promise<object> => {
        try {
          const ctx = JSON.parse(decodeURIComponent(message.headers!.get('spectrace-context'))) as CallContext;
          const input = parseMessage(question.input, message.json<{ data: I }>().data);
          return { response: parseMessage(question.output, await answer(input, ctx)) };
        } catch (error) {
          return { err: isAppError(error) ? toWireError(error) : { ...toWireError(error), message: String(error) } };
        }
      };
      void reply().then((body) => message.respond(JSON.stringify(body)));
    },
  });
  await nats.flush();
  return () => subscription.unsubscribe();
};

export const executionNotFound = (): AppError => new AppError('execution.not_found', 'There is no such execution.');

const PERSON = { kind: 'person' as const, id: uuidv7(), name: 'a@b.example' };

/** An execution as the executor would show it. */
export const view = (id: string, status: executor.ExecutionStatus = 'submitted'): executor.ExecutionView => ({
  id,
  status,
  phase: status === 'succeeded' ? 'completed' : 'running',
  paused_reason: null,
  agent_id: 'playbook',
  agent_type: 'playbook',
  task_description: 'tidy',
  max_steps: 10,
  playbook: null,
  workspace: null,
  principal: PERSON,
  on_behalf_of: PERSON,
  prediction: null,
  risk_score: 0,
  deception_probability: 0,
  failure: null,
  final_answer: null,
  pause_requested: false,
  cancel_requested: false,
  rollback_requested: false,
  can: [],
  waits_for: null,
  last_seq: 3,
  created_at: '2026-01-01T00:00:00.000Z',
  started_at: null,
  finished_at: null,
});
