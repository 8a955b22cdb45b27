import type { governance } from '#contracts';
import type { Run } from '../execution/run.js';
import type { JournalEntry } from '../journal/journal.entry.js';
import { killed } from './kill-switch.errors.js';

/** The row that ends a run in the name of whoever engaged a switch. */
export const stopRequest = (run: Run, order: governance.KillOrder): JournalEntry => ({
  kind: 'execution.cancel_requested',
  body: { status: run.execution.status, by: order.requested_by, reason: killed(order).message },
});
