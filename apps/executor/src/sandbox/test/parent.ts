/** Holds a box with two sleeping processes in the given workspace until it is killed. */
import { Bubblewrap } from '../bubblewrap.js';

const [workspace, sleep] = process.argv.slice(2);
const sandbox = await Bubblewrap.probe();
await sandbox.run({
  argv: ['/bin/sh', '-c', `setsid ${sleep} & ${sleep}`],
  env: {},
  workspace: workspace!,
  timeout_ms: 600_000,
  output_limit_bytes: 1_000,
});
