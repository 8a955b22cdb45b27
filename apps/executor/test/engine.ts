import { type CallContext, executor as contract } from '#contracts';
import { Bus } from '#messaging';
import { connectNats, type RunningService, startService } from '#service';
import { callContext, openTestPlatform, type TestPlatform, until } from '#testing';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { executor } from '../src/definition.js';
import { isRoot, ordinaryUid } from '../src/sandbox/test/workspace.js';
import { type Governance, startGovernance } from './governance.js';
import { type Prediction, startPrediction } from './prediction.js';

export const STEPS_HEAD = 'apiVersion: playbook/v1\nname: of-a-test\n';

/** Executors on a platform of their own, with everything they ask, and folders to work in. */
export interface Engine {
  ctx: CallContext;
  platform: TestPlatform;
  bus: Bus;
  governance: Governance;
  prediction: Prediction;
  start(slots?: number, settings?: Record<string, string>): Promise<RunningService>;
  /** A folder below the allowed roots that holds these files. */
  folder(files: Record<string, string>): string;
  submit(playbook: string, folder: string, ctx?: CallContext): Promise<string>;
  get(id: string): Promise<contract.ExecutionResult>;
  /** The execution once it has ended. */
  ended(id: string, deadlineMs?: number): Promise<contract.ExecutionResult>;
  inStatus(id: string, status: contract.ExecutionStatus): Promise<contract.ExecutionResult>;
  frames(id: string): Promise<contract.Frame[]>;
  asAdmin<T>(sql: string, values?: unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

export const openEngine = async (): Promise<Engine> => {
  const platform = await openTestPlatform([executor as never]);
  const base = mkdtempSync(join(tmpdir(), 'spectrace-engine-'));
  chmodSync(base, 0o755);
  const connection = await connectNats(platform, 'gateway');
  const bus = new Bus(connection);
  const admin = new pg.Client({ connectionString: platform.databaseUrl });
  await admin.connect();
  const [governance, prediction] = await Promise.all([startGovernance(platform), startPrediction(platform)]);
  const running: RunningService[] = [];
  const ctx = callContext();
  let folders = 0;
  const get = (id: string) => bus.call(ctx, contract.execution.get, { execution_id: id });
  const when = (id: string, what: string, test: (now: contract.ExecutionResult) => boolean, deadlineMs = 20_000) =>
    until(`execution is ${what}`, async () => get(id).then((now) => test(now) && now), deadlineMs);
  const self: Engine = {
    ctx,
    platform,
    bus,
    governance,
    prediction,
    start: async (slots = 4, settings = {}) => {
      const source = { WORKSPACE_ROOTS: base, EXECUTOR_SLOTS: String(slots), ...settings };
      const service = await startService(executor, platform, source as never);
      running.push(service);
      return { ...service, close: () => service.close().finally(() => running.splice(running.indexOf(service), 1)) };
    },
    folder: (files) => makeFolder(join(base, `project-${++folders}`), files),
    submit: async (playbook, folder, who = ctx) => {
      const { digest } = await bus.call(who, contract.playbook.register, { source: playbook });
      const input = { task_description: 'of a test', agent_type: 'playbook', playbook: { digest } };
      const workspace = { kind: 'local' as const, path: folder };
      return (await bus.call(who, contract.execution.submit, { ...input, workspace })).id;
    },
    get,
    ended: (id, deadlineMs) => when(id, 'at its end', ({ phase }) => phase === 'completed', deadlineMs),
    inStatus: (id, status) => when(id, status, (now) => now.status === status),
    frames: async (id) => (await bus.call(ctx, contract.journal.read, { execution_id: id, limit: 1_000 })).items,
    asAdmin: async (sql, values) => (await admin.query(sql, values)).rows,
    close: async () => {
      for (const service of running) await service.close();
      await Promise.all([self.governance.stop(), self.prediction.stop(), admin.end()]);
      await connection.close();
      await platform.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
  return self;
};

/** Given to the sandbox's user when the tests run as root. */
const makeFolder = (root: string, files: Record<string, string>): string => {
  mkdirSync(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
  }
  if (isRoot) for (const path of ['', ...paths(root)]) chownSync(join(root, path), ordinaryUid, ordinaryUid);
  return root;
};

const paths = (root: string): string[] => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();

/** Everything in a folder: path -> mode and content. */
export const treeOf = (root: string): Record<string, string> =>
  Object.fromEntries(
    paths(root).map((path) => {
      const [full, stat] = [join(root, path), lstatSync(join(root, path))];
      const content = stat.isFile() ? readFileSync(full, 'utf8') : stat.isSymbolicLink() ? readlinkSync(full) : '';
      return [path, `${(stat.mode & 0o7777).toString(8)} ${content}`];
    }),
  );

export const actionsOf = (result: contract.ExecutionResult): contract.ActionView[] =>
  result.execution_trace.flatMap(({ actions }) => actions);

export const statusesOf = (result: contract.ExecutionResult): (string | undefined)[] =>
  actionsOf(result).map(({ status }) => status);
