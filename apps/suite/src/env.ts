import { NATS_CA_MEANS, readEnv } from '#service';
import { bool, str } from 'envalid';

export const suiteSettings = {
  SPECTRACE_HOME: str({ default: '', desc: 'the data folder; default .spectrace below the current folder' }),
  DATABASE_URL: str({
    default: '',
    desc: "an administrator's URL of a PostgreSQL to use instead of the embedded one",
  }),
  NATS_URL: str({
    default: '',
    desc: 'URL of a NATS server to use instead of the embedded one; tls:// demands TLS',
  }),
  NATS_CA: str({ default: '', desc: NATS_CA_MEANS }),
  SPECTRACE_ADMIN_EMAIL: str({ default: '', desc: 'e-mail address of the first admin; default admin@localhost' }),
  SPECTRACE_ADMIN_PASSWORD: str({
    default: '',
    desc: 'password of the first admin; default generated and printed once',
  }),
  SPECTRACE_SAMPLE: bool({ default: true, desc: 'whether the sample runs on an empty database' }),
  LOG_LEVEL: str({
    default: 'info',
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace'],
    desc: 'least level logged',
  }),
};

/** The suite's own settings; every service reads its own beside them. */
export const suiteEnv = (source: NodeJS.ProcessEnv) => readEnv(source, suiteSettings);

export type SuiteEnv = ReturnType<typeof suiteEnv>;
