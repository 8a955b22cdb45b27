import { cliEnv } from './env.js';
import { EXIT } from './output/exit.rules.js';
import { failureLines, failureOf } from './output/failure.js';
import { runCli } from './program.js';

// Whoever reads us may stop reading: `spectrace executions | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
});

try {
  const env = cliEnv(process.env, process.cwd(), process.stdout.isTTY ? process.stdout.columns : undefined);
  process.exitCode = await runCli(process.argv.slice(2), env);
} catch (error) {
  const failure = failureOf(error);
  const lines = failure ? failureLines(failure) : [`Something went wrong: ${(error as Error).message}`];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = failure?.exitCode ?? EXIT.failed;
}
