import 'reflect-metadata';
import { AppError } from '#kernel';
import { Bus, natsAccountsOf } from '#messaging';
import { createLogger, NestLogger } from '#service';
import { type INestApplication, Logger } from '@nestjs/common';
import { join } from 'node:path';
import { defaultTeam, ensureFirstAdmin } from '../../gateway/src/definition.js';
import { suiteEnv } from './env.js';
import { chooseFolders } from './home.js';
import { performSample } from './sample.js';
import { prepareServers } from './servers.js';
import { DEFINITIONS, sentenceOf, startSuite, type Suite } from './suite.js';

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
  const { app } = suite.gateway;
  const login = await ensureFirstAdmin(app, {
    email: env.SPECTRACE_ADMIN_EMAIL,
    password: env.SPECTRACE_ADMIN_PASSWORD,
  });
  const url = await (app as INestApplication).getUrl();
  say(`SpecTrace is ready: ${url}   (log: ${logFile})`);
  if (login?.generated) say(`First login, shown this once: ${login.email}  ${login.password}`);
  say('Running until Ctrl-C.');
  const team = await defaultTeam(app);
  const [root = folders.workspaces] = process.env.WORKSPACE_ROOTS?.split(':').filter(Boolean) ?? [];
  if (env.SPECTRACE_SAMPLE && team) await sample(suite, { team, url, folder: join(root, 'tidy') });
};

/** `main.js migrate`: brings a database and a NATS server to this version for services that are processes of their own. */
const migrate = async (): Promise<void> => {
  const { DATABASE_URL: databaseUrl, NATS_URL: natsUrl, NATS_CA: natsCa, SPECTRACE_HOME } = suiteEnv(process.env);
  if (!databaseUrl || !natsUrl) throw new AppError('settings.invalid', 'DATABASE_URL and NATS_URL are needed.');
  const { home } = chooseFolders(process.cwd(), SPECTRACE_HOME);
  natsAccountsOf(home);
  await prepareServers({ databaseUrl, natsUrl, natsCa, home }, DEFINITIONS);
  say('Database and stream are ready.');
};

const DEFAULT_URL = 'http://127.0.0.1:8000';
let stopping = false;

/** The sample, once: real actions on a real folder, told as they happen, until it has ended or the suite stops. */
const sample = (suite: Suite, { team, url, folder }: { team: string; url: string; folder: string }): Promise<void> =>
  performSample(suite.gateway.app.get(Bus, { strict: false }), {
    team,
    folder,
    playbook: 'examples/tidy/tidy.yaml',
    print: say,
    begin: () => say(`\nThe sample: a playbook agent tidies ${folder}`),
    waits: () => {
      say(`\nOne action waits for you. Look at it and answer in the console: ${url}/approvals`);
      say('or in another terminal:');
      say(`  npm run -s spectrace -- login${url === DEFAULT_URL ? '' : ` --url ${url}`}`);
      say('  npm run -s spectrace -- approvals');
      say('  npm run -s spectrace -- approve <id>      (or reject <id> --reason …; unanswered, it is denied)\n');
    },
  }).catch((error: unknown) => {
    if (!stopping) say(`The sample cannot be followed any further here. ${sentenceOf(error)}`);
  });

const stopOnSignals = (suite: Suite): void => {
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

(process.argv[2] === 'migrate' ? migrate() : main()).catch((error: unknown) => {
  process.stderr.write(`SpecTrace could not start. ${sentenceOf(error)}\n`);
  process.exit(1);
});
