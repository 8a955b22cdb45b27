import { readEnv } from '#service';
import { makeValidator } from 'envalid';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const MAX_TIMEOUT_S = 7 * 86_400;

/** The folder of `package.json` above this file, built or not. */
const repositoryRoot = (folder = import.meta.dirname): string =>
  existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : repositoryRoot(dirname(folder));

const folder = makeValidator<string>((text) => resolve(text));

const MAX_BYPASS_HOURS = 24;
const MAX_BYPASS_USES = 1_000;

const whole = (most: number) =>
  makeValidator<number>((text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most) throw new Error('out of range');
    return value;
  });
const seconds = whole(MAX_TIMEOUT_S);

const MAX_STAGE_S = 3_600;

const stageSeconds = makeValidator<number>((text) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > MAX_STAGE_S) throw new Error('out of range');
  return value;
});

export const governanceSettings = {
  POLICIES_DIR: folder({
    default: join(repositoryRoot(), 'policies'),
    desc: 'the folder of the policy bundle; a relative one counts from the current folder',
  }),
  APPROVAL_TIMEOUT_SECONDS: seconds({
    default: 900,
    desc: `whole seconds people have to answer, 1..${MAX_TIMEOUT_S}; later the answer is no`,
  }),
  KILL_RELEASE_STAGE_SECONDS: stageSeconds({
    default: 30,
    desc: `whole seconds of each stage (10 %, then 50 % of the runs) when a kill switch is released, 0..${MAX_STAGE_S}; 0 lets everything in at once`,
  }),
  APPROVAL_ESCALATE_AFTER_SECONDS: seconds({
    default: 300,
    desc: `whole seconds after which admins are told that nobody has answered, 1..${MAX_TIMEOUT_S}; not before the deadline = never`,
  }),
  BYPASS_MAX_HOURS: whole(MAX_BYPASS_HOURS)({
    default: 8,
    desc: `whole hours that a bypass of an approver may last, 1..${MAX_BYPASS_HOURS}`,
  }),
  BYPASS_MAX_USES: whole(MAX_BYPASS_USES)({
    default: 100,
    desc: `actions that a bypass of an approver may let through, 1..${MAX_BYPASS_USES}`,
  }),
};

/** The settings of governance, as a plain object. */
export const governanceEnv = (source: NodeJS.ProcessEnv) => ({ ...readEnv(source, governanceSettings) });

export type Env = ReturnType<typeof governanceEnv>;
