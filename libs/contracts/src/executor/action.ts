import { Digest, Id, Json, Text } from '../fields.js';
import { ApprovalView } from '../governance/approval.js';
import { rpc } from '../message.js';

/** A yes to other arguments than those asked for. */
export class EditAction {
  @Id({ doc: 'The approval.' }) id!: string;
  @Text({ optional: true, max: 2000 }) reason?: string;
  @Digest({ doc: 'The version that was looked at and edited.' }) digest!: string;
  @Json({
    doc: 'All of them. What is left as it was shown stays as it really is, also where it was shown redacted or shortened.',
  })
  arguments!: Record<string, unknown>;
}

export const action = {
  /** Checks what a reviewer made of an action’s arguments, and puts it to policy as the reviewer’s. */
  edit: rpc('executor.action.edit.v1', EditAction, ApprovalView),
} as const;
