/** Starts both servers below the given folder, prints where they are, and lives until it is killed. */
import { startNats, startPostgres } from '../index.js';

const home = process.argv[2]!;
const postgres = await startPostgres({ dataDir: `${home}/postgres` });
const nats = await startNats({ storeDir: `${home}/nats`, access: { authorization: { user: 'u', password: 'p' } } });
console.log(JSON.stringify({ adminUrl: postgres.adminUrl, pids: [postgres.pid, nats.pid] }));
setInterval(() => undefined, 60_000);
