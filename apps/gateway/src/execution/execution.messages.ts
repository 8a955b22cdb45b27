import { executor, fields } from '#contracts';

/** A task, and whether to wait for its end. */
export class Execute extends executor.SubmitExecution {
  @fields.Bool({ optional: true, doc: 'Answer 200 with the result once the run has ended; 202 after 290 seconds.' })
  wait?: boolean;
}
