import { Digest, Id, Json, Nested } from '../fields.js';
import { DecideAction } from '../governance/action.js';
import { rpc } from '../message.js';

/** What a reviewer wrote over the arguments of an action that waits. */
export class EditAction {
  @Id({ doc: 'The approval.' }) id!: string;
  @Digest({ doc: 'The version that was looked at and edited.' }) digest!: string;
  @Json({
    doc: 'All of them. What is left as it was shown stays as it really is, also where it was shown redacted or shortened.',
  })
  arguments!: Record<string, unknown>;
}

export class EditedAction {
  @Nested(() => DecideAction, { optional: true, doc: 'Null: no run waits for it, or nobody knows this version.' })
  request!: DecideAction | null;
}

export const action = {
  /** Makes an action of it, checked by the tool and written down. It says yes to nothing: that is for people. */
  edit: rpc('executor.action.edit.v1', EditAction, EditedAction),
} as const;
