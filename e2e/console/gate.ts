import { until } from '#testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf, type Caller } from '../caller.js';
import { makeWorkspace } from '../workspace.js';

const GATED = `
apiVersion: playbook/v1
name: gated
steps:
  - id: first
    name: Write the first file
    uses: file.write@v1
    with: { path: one.txt, content: "one\\n" }
  - id: gate
    name: Wait for the file that opens the gate
    uses: shell.run@v1
    with: { argv: [sh, -c, 'while [ ! -e open ]; do sleep 0.05; done; echo through'] }
    timeout: 2m
    expect: { created: [open] }
  - id: second
    name: Write the second file
    uses: file.write@v1
    with: { path: two.txt, content: "two\\n" }
  - id: change
    name: Change the first file
    uses: file.write@v1
    with: { path: one.txt, content: "three\\n" }
`;
/** Steps of a run that went through its gate. */
export const STEPS = 4;
/** The step at which a run waits until `open` is called. */
export const GATE = 2;

/** Runs that stand still in their second step until a test lets them go on. */
export class GatedRun {
  private constructor(
    readonly id: string,
    readonly folder: string,
  ) {}

  static register(admin: Caller): Promise<string> {
    return admin.register(GATED);
  }

  /** A run in a folder of its own that has come to its gate. */
  static async begin(admin: Caller, folder: string, more: object = {}): Promise<GatedRun> {
    makeWorkspace(folder, { 'README.md': 'A folder.\n' });
    const run = new GatedRun(await admin.submit('gated', folder, more), folder);
    await until('the gate to be reached', async () =>
      actionsOf(await admin.execution(run.id)).some(
        ({ key, status }) => key === `${run.id}/${GATE}/0` && status === 'started',
      ),
    );
    return run;
  }

  open(): void {
    writeFileSync(join(this.folder, 'open'), '');
  }
}
