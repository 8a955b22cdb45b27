import { Digest, Id, Json, Nested } from '../fields.js';
import { DecideAction } from '../governance/action.js';
import { rpc } from '../message.js';

/** Other arguments than those asked for. */
export class EditAction {
  @Id({ doc: 'The approval.' }) id!: string;
  @Digest({ doc: 'The version that was looked at and edited.' }) digest!: string;
  @Json({
    doc: 'All of them. What is left as it was shown stays as it really is, also where it was shown redacted or shortened.',
  })
  arguments!: Record<string, unknown>;
}

export class EditedAction {
  @Nested(() => DecideAction, { optional: true, doc: 'Null when no run waits for it.' }) request!: DecideAction | null;
}

export const action = {
  /** Checks what a reviewer made of an action’s arguments and keeps it; a yes to it is `governance.approval.edit.v1`. */
  edit: rpc('executor.action.edit.v1', EditAction, EditedAction),
} as const;
