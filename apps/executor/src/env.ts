import { readEnv } from '#service';
import { makeValidator, num } from 'envalid';
import { isAbsolute } from 'node:path';

const folders = makeValidator<string[]>((text) => {
  const paths = text.split(':').filter((path) => path !== '');
  if (paths.some((path) => !isAbsolute(path))) throw new Error('not absolute');
  return paths;
});

const MAX_MONTHS = 1_200;

const months = makeValidator<number>((text) => {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > MAX_MONTHS) throw new Error('out of range');
  return count;
});

const MIN_LEASE_S = 3;
const MAX_LEASE_S = 600;

const leaseSeconds = makeValidator<number>((text) => {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < MIN_LEASE_S || seconds > MAX_LEASE_S) throw new Error('out of range');
  return seconds;
});

export const executorSettings = {
  WORKSPACE_ROOTS: folders({
    default: [],
    desc: 'absolute folders, separated by ":", below which local workspaces may lie',
  }),
  EXECUTOR_SLOTS: num({ default: 8, desc: 'how many runs one executor drives at a time, 1..256' }),
  EXECUTOR_LEASE_SECONDS: leaseSeconds({
    default: 15,
    desc: `whole seconds after which the runs of an executor that is gone go on in another one, ${MIN_LEASE_S}..${MAX_LEASE_S}`,
  }),
  JOURNAL_RETENTION_MONTHS: months({
    default: 12,
    desc: `whole months that runs and their journals are kept after they ended, 0..${MAX_MONTHS}; 0 keeps all`,
  }),
};

/** The executor's settings. */
export const executorEnv = (source: NodeJS.ProcessEnv) => readEnv(source, executorSettings);

export type Env = ReturnType<typeof executorEnv>;
