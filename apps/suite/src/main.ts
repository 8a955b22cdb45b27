import 'reflect-metadata';
import { createLogger, NestLogger } from '#service';
import { Logger } from '@nestjs/common';
import { join } from 'node:path';
import { FirstAdmin } from '../../gateway/src/user/first-admin.service.js';
import { suiteEnv } from './env.js';
import { chooseFolders } from './home.js';
import { performSample } from './sample.js';
import { sentenceOf, startSuite, type Suite } from './suite.js';

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

const main = async (): Promise<void> => {
  process.setMaxListeners(40);
  const env = suiteEnv(process.env);
  const folders = chooseFolders(process.cwd(), env.SPECTRACE_HOME);
  const logFile = join(folders.home, 'suite.log');
  Logger.overrideLogger(new NestLogger(createLogger({ level: env.LOG_LEVEL, file: logFile })));
  const suite = await startSuite(env, folders, {
    WORKSPACE_ROOTS: folders.workspaces,
    ...process.env,
    SPECTRACE_HOME: folders.home,
  });
  stopOnSignals(suite);
  const url = `http://127.0.0.1:${env.PORT}`;
  say(`SpecTrace is ready: ${url}   (log: ${logFile})`);
};

const stopOnSignals = (suite: Suite): void => {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void suite.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${sentenceOf(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
};

main().catch((error: unknown) => {
  process.stderr.write(`SpecTrace could not start. ${sentenceOf(error)}\n`);
  process.exit(1);
});
