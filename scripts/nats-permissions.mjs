// `npm run -s nats-permissions > spectrace.conf`: the accounts of a NATS server of your own, for `include spectrace.conf` in
// its configuration: who may connect, by public key, and what each may do. Print it again after every upgrade and reload the
// server. Keys that are missing are made in SPECTRACE_HOME; the services find theirs there.
import { natsAccountsOf } from '#messaging';
import { chooseFolders } from '../dist/apps/suite/src/home.js';

const { home } = chooseFolders(process.cwd(), process.env.SPECTRACE_HOME ?? '');
const { accounts } = natsAccountsOf(home);
process.stdout.write(`accounts: ${JSON.stringify(accounts, null, 2)}\n`);
