import type { Approval } from '#client/browser';
import { useState } from 'react';
import { type Draft, draftOf, readDraft } from './edit.rules.js';

export interface Edit {
  /** Null: nobody edits. */
  text: string | null;
  /** Null: nobody edits. Against the arguments as they are now, also when somebody else has edited them meanwhile. */
  draft: Draft | null;
  begin: () => void;
  write: (text: string) => void;
  /** Takes it all back. */
  leave: () => void;
}

/** What one person is about to put in the place of an action's arguments. */
export const useEdit = ({ arguments: given }: Approval): Edit => {
  const [text, write] = useState<string | null>(null);
  return {
    text,
    draft: text === null ? null : readDraft(text, given),
    begin: () => write(draftOf(given)),
    write,
    leave: () => write(null),
  };
};
