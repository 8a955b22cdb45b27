import { readEnv } from '#service';
import { makeValidator, num } from 'envalid';
import { isAbsolute } from 'node:path';

const folders = makeValidator<string[]>((text) => {
  const paths = text.split(':').filter((path) => path !== '');
  if (paths.some((path) => !isAbsolute(path))) throw new Error('not absolute');
  return paths;
});

/** The executor's settings. */
export const executorEnv = (source: NodeJS.ProcessEnv) =>
  readEnv(source, {
    WORKSPACE_ROOTS: folders({
      default: [],
      desc: 'absolute folders, separated by ":", below which local workspaces may lie',
    }),
    EXECUTOR_SLOTS: num({ default: 8, desc: 'how many runs one executor drives at a time, 1..256' }),
  });

export type Env = ReturnType<typeof executorEnv>;
