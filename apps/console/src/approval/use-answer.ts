import { notifications } from '@mantine/notifications';
import type { UseFormReturnType } from '@mantine/form';
import { type Approval, randomKey } from '#client/browser';
import { type FormEvent, useRef, useState } from 'react';
import { api } from '../data/api.js';
import { useServerForm } from '../form/use-server-form.js';
import { afterwards, type SameAnswers, sameText } from './approval.rules.js';
import { useAnswered } from './use-approvals.js';
import type { Edit } from './use-edit.js';

export const MAX_REASON = 2_000;

type Decision = 'approve' | 'reject';

export interface Answer {
  /** What is about to be answered; null: not chosen yet. */
  decision: Decision | null;
  choose: (decision: Decision | null) => void;
  /** What was chosen before it was taken back. */
  left: Decision | null;
  form: UseFormReturnType<AnswerValues>;
  submit: (event: FormEvent<HTMLFormElement>) => void;
  pending: boolean;
  problem: Error | null;
  /** True once it is given. */
  given: boolean;
}

interface AnswerValues extends Record<string, unknown> {
  reason: string;
  /** Identical requests get the same answer. */
  same: boolean;
}

interface Said {
  decision: Decision;
  reason: string;
  digest: string;
  /** Other arguments to say yes to. */
  arguments?: Record<string, unknown>;
}

/** Sends answers; what was sent before, word for word, goes under the same key, so that it counts once. */
const useSend = (): ((id: string, said: Said) => Promise<Approval>) => {
  const keys = useRef(new Map<string, string>());
  return (id, said) => {
    const words = JSON.stringify([id, said]);
    const key = keys.current.get(words) ?? randomKey();
    keys.current.set(words, key);
    const { decision, reason, ...what } = said;
    if (decision === 'reject') return api.approvals.reject(id, { reason, digest: what.digest, key });
    return api.approvals.approve(id, { ...what, ...(reason && { reason }), key });
  };
};

/** One person's answer to one approval. However often it is sent, one request is under way, and after a success none. */
export const useAnswer = (approval: Approval, edit: Edit, answered: (answer: Approval) => void): Answer => {
  const { id, execution_id, digest, same_as } = approval;
  const [decision, setDecision] = useState<Answer['decision']>(null);
  const [left, setLeft] = useState<Answer['left']>(null);
  const choose = (to: Answer['decision']): void => {
    if (decision) setLeft(decision);
    setDecision(to);
  };
  const sent = useRef(false);
  const spread = useAnswered();
  const send = useSend();
  const written = decision === 'approve' && edit.draft?.kind === 'edited' ? edit.draft.arguments : null;
  const answerSame = async (said: Said): Promise<SameAnswers> => {
    const settled = [];
    for (const other of same_as) settled.push(await send(other, said).then(...COUNTED));
    return { answered: settled.filter(Boolean).length, refused: settled.filter((counts) => !counts).length };
  };
  const { form, submit, pending, problem, answer } = useServerForm({
    initialValues: { reason: '', same: true } as AnswerValues,
    validate: ({ reason }) =>
      decision === 'reject' && reason.trim() === '' ? { reason: 'Say why: a rejection needs a reason.' } : {},
    send: async ({ reason, same }) => {
      const said = { decision: decision!, reason: reason.trim(), digest };
      try {
        const given = await send(id, { ...said, ...(written && { arguments: written }) });
        const others = same && !written ? await answerSame(said) : { answered: 0, refused: 0 };
        return { given, others };
      } catch (error) {
        sent.current = false;
        // Refused, or nobody knows: either way what is shown may be old.
        spread({ id, execution_id });
        throw error;
      }
    },
    // What is said about single arguments is said above the form: they stand elsewhere.
    field: (path) => (path === 'reason' ? path : null),
    done: ({ given, others }) => {
      choose(null);
      edit.leave();
      spread(given, given);
      const { title, message } = afterwards(given);
      const color = given.status === 'rejected' ? 'gray' : 'teal';
      notifications.show({ title, message: message + sameText(others), color });
      answered(given);
    },
  });
  const submitOnce = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (sent.current || decision === null) return;
    if (!form.validate().hasErrors) sent.current = true;
    submit(event);
  };
  return { decision, choose, left, form, submit: submitOnce, pending, problem, given: answer !== undefined };
};

/** Whether an answer counts. */
const COUNTED = [() => true, () => false] as const;
