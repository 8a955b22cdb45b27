import { Database, serviceUrl } from '#persistence';
import { callContext } from '#testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { executor } from '../../apps/executor/src/definition.js';
import { openRunStore, writeLongRun } from '../../apps/executor/test/long-run.js';

/** Where a suite keeps its rows, and whose rows these are. */
export interface Installation {
  home: string;
  team: string;
}

/** Writes an execution of so many steps into a running suite, by the append that its own executor uses; returns its id. */
export const addLongRun = async ({ home, team }: Installation, steps: number): Promise<string> => {
  const [, , , port] = readFileSync(join(home, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n');
  const { executor: password } = JSON.parse(readFileSync(join(home, 'roles.json'), 'utf8'));
  const url = serviceUrl(`postgres://127.0.0.1:${port}/spectrace`, executor.name, password);
  const database = await Database.open({ service: executor.name, url, entities: executor.entities });
  try {
    const store = openRunStore(database, join(home, 'executor.key'));
    const { id } = await writeLongRun(store, callContext({ team }), { steps });
    return id;
  } finally {
    await database.close();
  }
};
