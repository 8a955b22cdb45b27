import { afterEach, expect, it } from '@jest/globals';
import { until } from '#testing';
import { Logger } from '@nestjs/common';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, NestLogger } from './logger.js';

const folder = mkdtempSync(join(tmpdir(), 'spectrace-log-'));
afterEach(() => {
  Logger.overrideLogger(['fatal']);
  rmSync(folder, { recursive: true });
});

it('a text beside an object is in the line, as is the name of who says it', async () => {
  const file = join(folder, 'a.log');
  Logger.overrideLogger(new NestLogger(createLogger({ file })));
  const log = new Logger('Door');
  log.error({ subject: 'rpc.x' }, 'from nobody who may ask');
  log.warn({ what: 'without a text' });
  log.log('a text alone');
  const lines = await until('the lines', () => {
    const written = readFileSync(file, 'utf8').trim().split('\n');
    return written.length === 3 && written.map((line) => JSON.parse(line));
  });
  expect(lines).toMatchObject([
    { subject: 'rpc.x', msg: 'from nobody who may ask', context: 'Door' },
    { what: 'without a text', context: 'Door' },
    { msg: 'a text alone', context: 'Door' },
  ]);
  expect(lines[1]).not.toHaveProperty('msg');
});
