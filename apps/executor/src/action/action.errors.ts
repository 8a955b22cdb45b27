import { invalidInput } from '#contracts';
import { AppError } from '#kernel';

/** A part that nobody but the run can see is in the middle of what was changed. */
export const editUnclear = (path: string): AppError =>
  new AppError('action.edit_unclear', 'What is hidden in the text you changed is not known; write the text whole.', {
    details: {
      errors: [{ path: `/arguments${path}`, message: 'must have no hidden part where it differs from what was shown' }],
    },
  });

/** The tool's own problems with the arguments, located in the message that carried them. */
export const editInvalid = (problems: { path: string; message: string }[]): AppError =>
  invalidInput(problems.map(({ path, message }) => ({ path: `/arguments${path}`, message })));
