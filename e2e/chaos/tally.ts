import type { executor } from '#contracts';
import { until } from '#testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf, type Caller } from '../caller.js';
import { upTo } from '../watcher.js';
import { treeOf } from '../workspace.js';
import type { Crowd, Run } from './crowd.js';

const LOG = 'effects.log';
const CUSTOMERS = 'data/customers.db';
const LIMIT_MS = 90_000;
const ASK_AGAIN_MS = 1_000;
/** A run that was interrupted this often in one and the same action leaves it undone and says so. */
const INTERRUPTED = 'action.interrupted';

/** What every run does before a person is asked: what a command appends, what is deleted, written or undone. */
const PLAN = [
  'list .',
  ...['first', 'second', 'third'].map((line) => `append ${line}`),
  ...['scripts/__pycache__', 'src/.cache', 'tools/.cache'].map((path) => `delete ${path}`),
  ...['dist', 'coverage'].map((path) => `delete ${path}`),
  'append middle',
  'undone ./tools/compact-logs.sh',
  'write TIDY-REPORT.md',
  'append last',
];
const PLANNED_END = {
  approve: { actions: [...PLAN, `delete ${CUSTOMERS}`, 'append end'], code: 'contract.deviated' },
  reject: { actions: [...PLAN, `denied ${CUSTOMERS}`], code: 'approval.rejected' },
};

export interface Tally {
  runs: number;
  kills: number;
  doubled: number;
  lost: number;
  approvalsLost: number;
  stuck: number;
  /** Runs that gave an action up after it was interrupted four times, honestly. */
  gaveUp: number;
  problems: string[];
}

export const lineOf = ({ runs, kills, doubled, lost, approvalsLost, stuck }: Tally): string =>
  `runs ${runs}, kills ${kills}, effects doubled ${doubled}, effects lost ${lost}, approvals lost ${approvalsLost}, stuck ${stuck}`;

export const isClean = (tally: Tally): boolean =>
  tally.doubled + tally.lost + tally.approvalsLost + tally.stuck + tally.problems.length === 0;

export const sumOf = (tallies: Tally[]): Tally => {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    runs: sum((tally) => tally.runs),
    kills: sum((tally) => tally.kills),
    doubled: sum((tally) => tally.doubled),
    lost: sum((tally) => tally.lost),
    approvalsLost: sum((tally) => tally.approvalsLost),
    stuck: sum((tally) => tally.stuck),
    gaveUp: sum((tally) => tally.gaveUp),
    problems: tallies.flatMap(({ problems }) => problems),
  };
};

/** Looks at every folder and every record when all is over, from outside. */
export const tallyOf = async (crowd: Crowd, caller: Caller, kills: number): Promise<Tally> => {
  const { runs } = crowd;
  const tally: Tally = {
    ...{ runs: runs.length, kills, doubled: 0, lost: 0, approvalsLost: 0, stuck: 0, gaveUp: 0 },
    problems: [...crowd.problems],
  };
  const known = await patiently(() => everyRun(caller));
  for (const run of runs) {
    const problem = (what: string): number => tally.problems.push(`${run.folder} (${run.id}): ${what}`);
    const twins = known.filter(({ workspace }) => workspace?.path === run.folder).length;
    if (twins > 1) {
      tally.doubled += twins - 1;
      problem(`${twins} executions of one submission`);
    }
    if (!run.id || !run.ended) {
      tally.stuck += 1;
      const status = run.id ? (await patiently(() => caller.execution(run.id!))).status : 'before it was submitted';
      problem(`stuck ${status}`);
      continue;
    }
    const { id } = run;
    const result = await patiently(() => caller.execution(id));
    judgeRecord(run, result, tally, problem);
    judgeJournal(result, await patiently(() => caller.frames(id)), tally, problem);
    judgeWorld(run, actionsOf(result), tally, problem);
  }
  return tally;
};

/** So many questions at the end are more than one person may ask in a minute. */
const patiently = <T>(ask: () => Promise<T>): Promise<T> =>
  until('an answer', () => ask().catch(() => null), LIMIT_MS, ASK_AGAIN_MS) as Promise<T>;

type Problem = (what: string) => void;

/** The record says what was planned, and what the person said. */
const judgeRecord = (run: Run, result: executor.ExecutionResult, tally: Tally, problem: Problem): void => {
  const actions = actionsOf(result);
  const planned = PLANNED_END[run.answer];
  if (result.failure?.code === INTERRUPTED) {
    tally.gaveUp += 1;
    return;
  }
  const done = actions.map(deedOf);
  if (result.failure?.code !== planned.code || done.join() !== planned.actions.join()) {
    tally.lost += 1;
    problem(`ended ${result.status} ${JSON.stringify(result.failure)} after ${done.join(', ')}`);
  }
  if (!run.answered) return;
  const asked = actions.find(({ arguments: args }) => args?.path === CUSTOMERS);
  const said = run.answer === 'approve' ? 'approved' : 'rejected';
  if (asked?.decided?.approval === said) return;
  tally.approvalsLost += 1;
  problem(`was ${said}, and its record says ${asked?.decided?.approval}`);
};

/** Sequence numbers without a gap, one end, and nothing done, begun or judged twice. */
const judgeJournal = (
  result: executor.ExecutionResult,
  frames: executor.Frame[],
  tally: Tally,
  problem: Problem,
): void => {
  if (frames.map(({ seq }) => seq).join() !== upTo(result.last_seq).join()) {
    tally.lost += 1;
    problem(`frames ${frames.map(({ seq }) => seq).join()} of ${result.last_seq}`);
  }
  const once = new Set<string>();
  for (const { kind, step } of frames) {
    if (kind !== 'execution.finished' && !/^action\.(started|done|verified|undone)$/.test(kind)) continue;
    const what = `${kind} ${step?.actions[0]?.key ?? ''}`;
    if (!once.has(what)) {
      once.add(what);
      continue;
    }
    tally.doubled += 1;
    problem(`${what} twice`);
  }
};

/** The folder holds what the record says was kept, each once, and nothing else. */
const judgeWorld = (run: Run, actions: executor.ActionView[], tally: Tally, problem: Problem): void => {
  const kept = actions.filter(({ undone }) => undone?.outcome === 'kept');
  const wanted = kept.map(deedOf).filter((deed) => deed.startsWith('append '));
  const found = readFileSync(join(run.folder, LOG), 'utf8').split('\n').slice(0, -1);
  for (const line of new Set([...found, ...wanted.map((deed) => deed.slice('append '.length))])) {
    const times = found.filter((one) => one === line).length;
    const expected = wanted.includes(`append ${line}`) ? 1 : 0;
    if (times === expected) continue;
    if (times > expected) tally.doubled += 1;
    else tally.lost += 1;
    problem(`"${line}" is ${times} times in ${LOG}, and should be ${expected} times`);
  }
  const expected = new Set(Object.keys(run.before));
  for (const { path, change } of kept.flatMap(({ verified }) => verified?.changes ?? [])) {
    if (change === 'deleted') expected.delete(path);
    else expected.add(path);
  }
  const now = treeOf(run.folder);
  const written = new Set([LOG, 'TIDY-REPORT.md']);
  for (const path of new Set([...expected, ...Object.keys(now)])) {
    const isThere = path in now;
    if (isThere === expected.has(path) && (written.has(path) || !isThere || now[path] === run.before[path])) continue;
    if (isThere && !expected.has(path)) tally.lost += 1;
    else tally.doubled += 1;
    problem(`${path} is ${now[path] ?? 'not there'} and was ${run.before[path] ?? 'not there'}`);
  }
};

const deedOf = ({ tool, arguments: args, status, undone }: executor.ActionView): string => {
  const { argv, env, path } = args as { argv?: string[]; env?: { LINE: string }; path?: string };
  if (status !== 'kept') return `${undone?.outcome ?? status} ${argv?.[0] ?? path}`;
  if (argv) return env ? `append ${env.LINE}` : `ran ${argv[0]}`;
  return `${tool!.replace(/^file\.|@v1$/g, '')} ${path}`;
};

const everyRun = async (caller: Caller): Promise<executor.ExecutionView[]> => {
  const views: executor.ExecutionView[] = [];
  for (let cursor = ''; ;) {
    const page: executor.ExecutionPage = (await caller.get(`/api/executions?limit=200${cursor}`)).body;
    views.push(...page.items);
    if (!page.next_cursor) return views;
    cursor = `&cursor=${page.next_cursor}`;
  }
};
