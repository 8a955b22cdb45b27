import type { Execution } from '#client/browser';

export type Request = Execution['can'][number];

/** Kept changes that a rollback would put back, as far as the trace has been read. */
export interface ToPutBack {
  changes: number;
  actions: number;
  /** Steps of the run that have not been read. */
  unread: number;
}

export interface RequestWords {
  title: string;
  /** What will happen, sentence by sentence. */
  says: string[];
  confirm: string;
  /** What the notification says once the server has taken it. */
  taken: string;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const putBack = ({ changes, actions, unread }: ToPutBack): string => {
  if (unread > 0) {
    return `At least ${count(changes, 'kept change')} in ${count(actions, 'action')} will be put back; ${count(unread, 'step')} of the run ${unread === 1 ? 'has' : 'have'} not been read yet.`;
  }
  if (actions === 0) return 'Nothing has been kept so far, so there is nothing to put back yet.';
  return `${count(changes, 'kept change')} in ${count(actions, 'action')} will be put back, the newest first.`;
};

const pause = ({ paused_reason }: Execution): RequestWords => ({
  title: 'Pause this run?',
  says: [
    paused_reason === 'approval'
      ? 'It waits for an approval. Once that is answered, it stays paused instead of going on.'
      : 'The action that is under way is finished, judged, and kept or undone. Before the next one the run stops and keeps its place.',
    'It holds its folder until it is resumed and ends.',
  ],
  confirm: 'Pause',
  taken: 'The run pauses before its next action.',
});

const resume = ({ status, paused_reason }: Execution): RequestWords => ({
  title: 'Resume this run?',
  says:
    paused_reason === 'inconclusive'
      ? [
          'What the last action changed could not be judged. It is kept as it is, and the run goes on with its next action.',
        ]
      : [
          status === 'paused'
            ? 'It goes on where it stopped, with its next action.'
            : 'The pause that was asked for is taken back.',
        ],
  confirm: 'Resume',
  taken: 'The run goes on.',
});

const cancel = ({ started_at }: Execution): RequestWords => ({
  title: 'Cancel this run?',
  says: started_at
    ? [
        'It ends. What is under way is stopped and undone.',
        'Changes that were verified and kept stay; choose Roll back to put those back, too.',
      ]
    : ['It ends before it has begun; nothing was changed.'],
  confirm: 'Cancel the run',
  taken: 'The run comes to its end.',
});

const rollback = ({ phase }: Execution, toPutBack: ToPutBack): RequestWords => ({
  title: 'Roll back this run?',
  says: [
    ...(phase === 'running' ? ['It ends. What is under way is stopped and undone.'] : []),
    putBack(toPutBack),
    'Each undo is proved by digest. Where somebody else has changed a file since, the rollback stops there and says so.',
  ],
  confirm: 'Roll back',
  taken: 'The changes of this run are being put back.',
});

/** What a request says before it is sent: exactly what will happen. */
export const requestWords = (request: Request, execution: Execution, toPutBack: ToPutBack): RequestWords => {
  switch (request) {
    case 'pause':
      return pause(execution);
    case 'resume':
      return resume(execution);
    case 'cancel':
      return cancel(execution);
    case 'rollback':
      return rollback(execution, toPutBack);
  }
};

type Asked = Pick<Execution, 'phase' | 'status' | 'pause_requested' | 'cancel_requested' | 'rollback_requested'>;

/** What was asked for and is on its way; null: nothing. The strongest request is the one that counts. */
export const onItsWay = (execution: Asked): string | null => {
  if (execution.phase === 'completed') return null;
  if (execution.rollback_requested) return 'rolling back …';
  if (execution.cancel_requested) return 'cancelling …';
  return execution.pause_requested && execution.status !== 'paused' ? 'pausing …' : null;
};
