import type { Execution, ExecutionStatus } from '#client/browser';
import type { Tone } from '../page/tone.rules.js';

type PausedReason = Execution['paused_reason'];

export interface StatusWords {
  word: string;
  tone: Tone;
  /** One sentence for who sees the word for the first time. */
  meaning: string;
}

const WORDS: Record<ExecutionStatus, StatusWords> = {
  submitted: { word: 'submitted', tone: 'neutral', meaning: 'It was taken; its risk is being predicted.' },
  denied: { word: 'denied', tone: 'critical', meaning: 'Policy or a person said no before anything was done.' },
  awaiting_approval: { word: 'awaiting approval', tone: 'medium', meaning: 'It begins once people have said yes.' },
  queued: { word: 'queued', tone: 'neutral', meaning: 'It waits for a worker, or for its folder to be free.' },
  running: { word: 'running', tone: 'info', meaning: 'The agent is at work.' },
  paused: { word: 'paused', tone: 'medium', meaning: 'It keeps its place and does nothing.' },
  verifying: { word: 'verifying', tone: 'info', meaning: 'The agent is through; what is left is judged or put back.' },
  succeeded: { word: 'succeeded', tone: 'low', meaning: 'Every action was verified.' },
  rolled_back: { word: 'rolled back', tone: 'neutral', meaning: 'Everything it had changed was put back.' },
  partially_rolled_back: {
    word: 'partly rolled back',
    tone: 'high',
    meaning: 'Some of what it had changed was put back, and some was kept.',
  },
  rollback_failed: {
    word: 'rollback failed',
    tone: 'critical',
    meaning: 'An undo could not be completed; a person has to look at the folder.',
  },
  unverifiable: {
    word: 'unverifiable',
    tone: 'high',
    meaning: 'Not every effect could be verified, which never counts as success.',
  },
  failed: {
    word: 'failed',
    tone: 'critical',
    meaning: 'An action failed, was refused, or left its contract and was undone.',
  },
  cancelled: { word: 'cancelled', tone: 'neutral', meaning: 'Somebody ended it; what was kept until then stays.' },
  expired: { word: 'expired', tone: 'high', meaning: 'Nobody answered in time, which is a no.' },
};

const PAUSED: Record<NonNullable<PausedReason>, Pick<StatusWords, 'word' | 'meaning'>> = {
  approval: { word: 'waits for approval', meaning: 'An action waits for the yes of people.' },
  inconclusive: {
    word: 'waits for a person',
    meaning: 'Nobody could judge what an action did; a person has to look before it goes on.',
  },
  worker: { word: 'waits for a worker', meaning: 'It goes on when a worker is free.' },
  person: { word: 'paused', meaning: 'Somebody paused it; it keeps its place.' },
  budget: {
    word: 'out of budget',
    meaning: 'A limit is reached; it goes on once that is raised, or an admin resumes it.',
  },
};

/** What a status is called, how it is coloured and what it means. */
export const statusWords = (status: ExecutionStatus, pausedReason: PausedReason = null): StatusWords =>
  status === 'paused' && pausedReason ? { ...WORDS.paused, ...PAUSED[pausedReason] } : WORDS[status];

/** Every status in the order of a run's life: for filters. */
export const STATUSES = Object.keys(WORDS) as ExecutionStatus[];
