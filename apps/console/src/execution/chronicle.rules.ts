import type { Frame } from '#client/browser';

export type Finding = NonNullable<Frame['findings']>[number];
type Risk = NonNullable<Frame['risk']>;

/** One line of a run's history: what it became, who asked, why. */
export interface StatusEvent {
  seq: number;
  /** RFC 3339. */
  at: string;
  kind: string;
  status?: Frame['status'];
  paused_reason?: Frame['paused_reason'];
  failure?: Frame['failure'];
  by?: string;
  reason?: string;
  risk?: number;
}

/** When each thing was said of an action, by the kind of its frame: `action.done` -> RFC 3339, UTC to the millisecond. */
export type ActionTimes = Readonly<Record<string, string>>;

/** What only frames know, as far as they have been read: exact times, and what the analyser said after each step. */
export interface Chronicle {
  /** By sequence number. */
  events: Map<number, StatusEvent>;
  times: Map<string, ActionTimes>;
  findings: Map<number, Finding[]>;
  risks: Map<number, Risk>;
  /** Findings about the final answer, which belongs to no step. */
  closing: Finding[];
}

export const emptyChronicle = (): Chronicle => ({
  events: new Map(),
  times: new Map(),
  findings: new Map(),
  risks: new Map(),
  closing: [],
});

/**
 * Where the reader of one unbroken row of frames stands: the step whose end was the frame before, null when it was
 * something else, undefined where the row begins in the middle of a run.
 */
export interface Reading {
  finished: number | null | undefined;
}

const ABOUT_RUN = new Set<Frame['type']>(['status_update', 'completion']);

/** Adds one frame. Frames of one reading come in order. */
export const note = (chronicle: Chronicle, reading: Reading, frame: Frame): void => {
  const { kind, at, step } = frame;
  if (ABOUT_RUN.has(frame.type) || kind === 'execution.predicted') chronicle.events.set(frame.seq, eventOf(frame));
  if (kind === 'step.analyzed') noteAnalysis(chronicle, reading.finished, frame);
  reading.finished = kind === 'step.finished' ? (step?.step ?? null) : null;
  for (const { key } of step?.actions ?? []) {
    const times = chronicle.times.get(key);
    chronicle.times.set(key, {
      ...times,
      [kind]: LAST.has(kind) ? later(at, times?.[kind]) : earlier(at, times?.[kind]),
    });
  }
};

/** A rollback says it once more of an action that was kept. */
const LAST = new Set(['action.undoing', 'action.undone']);
const earlier = (a: string, b: string | undefined): string => (b === undefined || a < b ? a : b);
const later = (a: string, b: string | undefined): string => (b === undefined || a > b ? a : b);

const eventOf = ({ seq, at, kind, status, paused_reason, failure, by, reason, risk }: Frame): StatusEvent => ({
  seq,
  at,
  kind,
  ...(status && { status }),
  ...(paused_reason && { paused_reason }),
  ...(failure && { failure }),
  ...(by && { by: by.name }),
  ...(reason && { reason }),
  ...(risk && { risk: risk.risk_score }),
});

const noteAnalysis = (chronicle: Chronicle, step: Reading['finished'], { risk, findings }: Frame): void => {
  if (step === undefined) return;
  if (step === null) {
    chronicle.closing.push(...(findings ?? []));
    return;
  }
  if (risk) chronicle.risks.set(step, risk);
  if (findings?.length) chronicle.findings.set(step, findings);
};

const KINDS: Record<string, string> = {
  'execution.submitted': 'submitted',
  'execution.predicted': 'predicted',
  'execution.decided': 'decided',
  'execution.started': 'started',
  'execution.pause_requested': 'pause asked for',
  'execution.paused': 'paused',
  'execution.resumed': 'resumed',
  'execution.cancel_requested': 'cancel asked for',
  'execution.rollback_requested': 'rollback asked for',
  'execution.verifying': 'judging what is left',
  'execution.finished': 'ended',
};

/** What happened, in a word or two. */
export const eventWords = ({ kind, by }: Pick<StatusEvent, 'kind' | 'by'>): string =>
  `${KINDS[kind] ?? kind}${by ? ` by ${by}` : ''}`;

const MOMENTS: readonly [kind: string, word: string][] = [
  ['step.proposed', 'proposed'],
  ['action.predicted', 'predicted'],
  ['action.decided', 'decided'],
  ['action.approved', 'answered'],
  ['action.refused', 'ended'],
  ['action.started', 'started'],
  ['action.recovered', 'begun again'],
  ['action.done', 'done'],
  ['action.verified', 'verified'],
  ['action.undoing', 'undo began'],
  ['action.undone', 'kept or undone'],
];

export interface Moment {
  word: string;
  /** RFC 3339. */
  at: string;
}

/** The moments of an action, in the order they happened. */
export const momentsOf = (times: ActionTimes | undefined): Moment[] =>
  MOMENTS.flatMap(([kind, word]) => (times?.[kind] ? [{ word, at: times[kind] }] : [])).sort((a, b) =>
    a.at < b.at ? -1 : Number(a.at > b.at),
  );
