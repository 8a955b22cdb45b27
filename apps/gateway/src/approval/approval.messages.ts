import { fields, governance, invalidInput } from '#contracts';
import { OmitType } from '@nestjs/swagger';

/** The decision is in the path's last word. */
export class RejectAction extends OmitType(governance.DecideApproval, ['decision']) {}

export class ApproveAction extends RejectAction {
  @fields.Json({
    optional: true,
    doc: 'Other arguments to approve instead, all of them; needs `digest`. What is left as it was shown stays as it really is.',
  })
  arguments?: Record<string, unknown>;
}

/** A yes to other arguments, as the reviewer said it. */
export type Edit = Omit<governance.EditApproval, 'request'>;

/**
 * Null: a yes to what is there.
 * @throws AppError `input.invalid`
 */
export const editIn = ({ arguments: args, digest, ...said }: ApproveAction): Edit | null => {
  if (!args) return null;
  if (digest === undefined) {
    throw invalidInput([{ path: '/digest', message: 'must say which version the arguments were edited from' }]);
  }
  return { ...said, digest, arguments: args };
};
