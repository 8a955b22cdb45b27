import { type CallContext, executor, type Principal } from '#contracts';
import { Narrator } from '#client';
import type { Bus } from '#messaging';
import { childOf, untraced } from '#telemetry';
import { readFile } from 'node:fs/promises';
import { generate } from '#sample';

const SUITE: Principal = { kind: 'service', id: 'suite', name: 'suite' };
const REREAD_MS = 1_000;
/** Frames that come with no more than this between them are read in one go. */
const PAGE = 500;

export interface SampleOptions {
  team: string;
  /** The sample's playbook file. */
  playbook: string;
  /** Where its project is generated. */
  folder: string;
  print: (line: string) => void;
  /** Called once it is clear that there is something to perform. */
  begin: () => void;
  /** Called when the run waits for a person. */
  waits: () => void;
}

/**
 * Performs the sample on an empty database: generates its project, submits its playbook as service `suite`, and prints
 * every frame as it happens, until the run has ended. Does nothing when the team has runs already.
 * @param bus the gateway's: the sample comes in by the door that everybody uses
 */
export const performSample = async (bus: Bus, options: SampleOptions): Promise<void> => {
  const ctx: CallContext = {
    team: options.team,
    principal: SUITE,
    on_behalf_of: SUITE,
    roles: ['operator'],
    trace: childOf(undefined),
  };
  const { items } = await bus.call(ctx, executor.execution.list, { limit: 1 });
  if (items.length > 0) return;
  options.begin();
  generate(options.folder);
  await bus.call(ctx, executor.playbook.register, { source: await readFile(options.playbook, 'utf8') });
  const once = { ...ctx, idempotency_key: 'sample' };
  const submitted = await bus.call(once, executor.execution.submit, {
    task_description: 'Tidy the sample project: delete caches and build output, compact the logs, write a report.',
    agent_type: 'playbook',
    playbook: { name: 'tidy' },
    workspace: { kind: 'local', path: options.folder },
  });
  await follow(bus, untraced(ctx), submitted.id, options);
};

/** Prints the journal as it grows, until the run has ended. */
const follow = async (bus: Bus, ctx: CallContext, id: string, { print, waits }: SampleOptions): Promise<void> => {
  const narrator = new Narrator();
  let wake: () => void = () => undefined;
  const stop = bus.watch(executor.journaled, [ctx.team, id], () => wake());
  try {
    for (let after = 0, ended = false; !ended;) {
      const grown = new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, REREAD_MS).unref();
      });
      const page = await bus.call(ctx, executor.journal.read, { execution_id: id, after, limit: PAGE });
      for (const frame of page.items) {
        for (const line of narrator.lines(frame)) print(line);
        if (frame.paused_reason === 'approval') waits();
        ended = frame.type === 'completion';
      }
      after = page.items.at(-1)?.seq ?? after;
      if (!ended && after === page.last_seq) await grown;
    }
  } finally {
    stop();
  }
};
