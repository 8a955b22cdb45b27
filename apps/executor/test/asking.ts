import { executor as contract } from '#contracts';
import { until } from '#testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, STEPS_HEAD, treeOf } from './engine.js';

export const FILES = { 'a.txt': 'a', 'data/x': 'x' };

/** A step that writes a file of its own name. */
export const write = (id: string): string =>
  `  - { id: ${id}, uses: file.write@v1, with: { path: ${id}, content: "${id}" } }\n`;

export const TWO = `${STEPS_HEAD}steps:\n${write('first')}${write('last')}`;

/** Writes, runs until the file `go` is there, writes again. */
export const HELD = `${STEPS_HEAD}steps:
${write('first')}  - id: long
    uses: shell.run@v1
    with: { argv: [/bin/sh, -c, "echo 1 >> log; until [ -e go ]; do sleep 0.02; done"] }
    expect: { created: [log, go] }
${write('last')}`;

const ASKED = `${STEPS_HEAD}steps:
${write('first')}  - { id: asked, uses: file.delete@v1, with: { path: data/x } }
${write('last')}`;

/** What people ask of the runs of an engine, and runs to ask it of. */
export class Asking {
  constructor(private readonly engine: Engine) {}

  /** The folder as every run finds it. */
  original(): Record<string, string> {
    return treeOf(this.engine.folder(FILES));
  }

  ask(request: contract.ExecutionRequest, execution_id: string, reason?: string): Promise<contract.ExecutionView> {
    const { bus, ctx } = this.engine;
    return bus.call(ctx, contract.execution[request], { execution_id, ...(reason && { reason }) });
  }

  /** The code it is refused with, or `taken`. */
  async refusalOf(request: contract.ExecutionRequest, id: string): Promise<string> {
    return this.ask(request, id).then(
      () => 'taken',
      ({ code }: { code: string }) => code,
    );
  }

  async pausedByPerson(id: string): Promise<contract.ExecutionResult> {
    return until('it is paused by a person', async () => {
      const now = await this.engine.get(id);
      return now.paused_reason === 'person' && now;
    });
  }

  /** No worker holds it. */
  async waits(id: string): Promise<void> {
    const sql = `SELECT 1 FROM executor.work WHERE execution_id = $1 AND state = 'waiting'`;
    await until('no worker holds it', async () => (await this.engine.asAdmin(sql, [id])).length > 0);
  }

  /** A run of HELD in the middle of its program, which `go` lets end. */
  async held(): Promise<{ id: string; folder: string; go: () => void }> {
    const folder = this.engine.folder(FILES);
    const id = await this.engine.submit(HELD, folder);
    await until('the program runs', () => 'log' in treeOf(folder));
    return { id, folder, go: () => writeFileSync(join(folder, 'go'), '') };
  }

  /** A run that waits for a person to say whether data/x may go. */
  async waiting() {
    const { engine } = this;
    const folder = engine.folder(FILES);
    engine.governance.policy = ({ paths }) => (paths.includes('data/x') ? 'ask' : 'allow');
    const id = await engine.submit(ASKED, folder);
    await engine.inStatus(id, 'paused');
    return { id, folder, approval: engine.governance.asked.find((one) => one.request.execution_id === id)! };
  }

  /** A run of this playbook that has ended well. */
  async succeeded(playbook = TWO): Promise<{ id: string; folder: string }> {
    const folder = this.engine.folder(FILES);
    const id = await this.engine.submit(playbook, folder);
    const { status } = await this.engine.ended(id);
    if (status !== 'succeeded') throw new Error(`the run ended ${status}`);
    return { id, folder };
  }
}
