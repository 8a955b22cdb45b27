import { AppError, type LocatedProblem } from '#kernel';

/** The file is not a playbook. `details.errors` lists every problem found (at most 50), each `line:column …`. */
export const playbookInvalid = (errors: LocatedProblem[]): AppError =>
  new AppError('playbook.invalid', `The playbook is not valid: ${errors[0]?.message ?? 'unknown problem'}`, {
    details: { errors },
  });

/** The values given for the playbook's inputs do not fit its declarations. */
export const playbookInputsInvalid = (errors: LocatedProblem[]): AppError =>
  new AppError('playbook.inputs_invalid', `The playbook's inputs are not valid: ${errors[0]?.message ?? 'unknown'}`, {
    details: { errors },
  });

export const expressionFailedCode = 'playbook.expression_failed';

/** An expression that passed the checks failed on real values: a missing key, a wrong type, too much work. */
export const expressionFailed = (path: string, message: string): AppError =>
  new AppError(expressionFailedCode, message, { details: { errors: [{ path, message }] } });

export const tooManyItemsCode = 'playbook.too_many_items';

/** The finished steps are not those of this playbook; a run is pinned to one file, so its journal was mixed up. */
export const journalMismatchCode = 'playbook.journal_mismatch';
