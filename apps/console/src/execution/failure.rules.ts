/** What a failure's code means to who reads it, by its whole or by its noun. */
const MEANINGS: Record<string, string> = {
  'contract.deviated':
    'An action changed something its contract does not allow. That change was undone; a run in which this happened never counts as a success.',
  'contract.unverifiable':
    'Not every effect could be checked against what the workspace shows, so it does not count as a success.',
  'contract.inconclusive':
    'It could not be told whose changes were found, so nothing was touched and a person has to look.',
  'contract.edited': 'The call was no longer the one that was decided on, so it was not made.',
  'action.denied': 'Policy, or a person policy asked, said no to an action.',
  'action.interrupted': 'An action was cut short again and again and was left undone.',
  'action.cancelled': 'The run was stopped while an action was under way; that action was undone.',
  'action.skipped': 'The run ended before this action began.',
  'approval.expired': 'Nobody answered in time, which is a no.',
  'approval.rejected': 'A person said no.',
  'execution.cancelled': 'Somebody ended the run; what was kept until then stays.',
  'execution.stopped': 'Somebody stopped it with a kill switch; what was kept until then stays.',
  'execution.rolled_back': 'Somebody wanted its effects undone; the trace says what became of each.',
  'execution.denied': 'Policy does not allow this run.',
  'execution.engine_failed': 'The engine itself failed. What it had changed is as the trace says.',
  'hold.conflict': 'Somebody else changed a file after the action did, so the undo stopped rather than overwrite it.',
  'playbook.expression_failed': 'An expression of the playbook could not be worked out on the data it met.',
  'playbook.too_many_items': 'A `for_each` found more items than its `max` allows, so none of them was done.',
  approval: 'The answer of people did not allow it.',
  contract: 'What happened is not what the contract of the action allows.',
  hold: 'A change could not be put back.',
  kill_switch: 'A kill switch stands in the way.',
  playbook: 'The playbook could not go on.',
  prediction: 'The risk could not be predicted.',
  sandbox: 'The sandbox for commands could not be used; the message says what to do.',
  shell: 'A command failed.',
  tool: 'A tool failed.',
  workspace: 'The folder could not be used as it is.',
  service: 'A part of SpecTrace did not answer.',
};

export const failureMeaning = (code: string): string | null =>
  MEANINGS[code] ?? MEANINGS[code.split('.', 1)[0]!] ?? null;
