import type { EvaluateAction } from '#client/browser';

export interface EvaluateForm extends Record<string, unknown> {
  tool: string;
  agent_id: string;
  /** One a line. */
  paths: string;
  host: string;
  risk: number | '';
  effects: NonNullable<EvaluateAction['effects']> | null;
  approvers: string;
  sandbox: boolean;
  held: boolean;
  taint: string[];
}

export const EMPTY_EVALUATION: EvaluateForm = {
  tool: '',
  agent_id: '',
  paths: '',
  host: '',
  risk: '',
  effects: null,
  approvers: '0',
  sandbox: true,
  held: true,
  taint: [],
};

export const TAINTS = [
  { value: 'read_sensitive', label: 'has read sensitive data' },
  { value: 'read_untrusted', label: 'has read untrusted content' },
  { value: 'external_send_pending', label: 'is about to send something out' },
  { value: 'secrets_used', label: 'has used secrets' },
] as const;

export const EFFECTS = ['none', 'reversible', 'compensable', 'irreversible'] as const;

/** The question as it is asked; what was left empty is left out. */
export const questionOf = (form: EvaluateForm): EvaluateAction => {
  const paths = form.paths
    .split('\n')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  const has = (one: string): boolean => form.taint.includes(one);
  const agent_id = form.agent_id.trim();
  const host = form.host.trim();
  return {
    tool: form.tool.trim(),
    ...(paths.length > 0 && { paths }),
    ...(form.risk !== '' && { risk: form.risk }),
    ...(form.effects && { effects: form.effects }),
    ...(agent_id && { agent_id }),
    ...(host && { host }),
    ...(form.approvers !== '0' && { approvers: Number(form.approvers) }),
    ...(!form.held && { held: false }),
    ...(!form.sandbox && { sandbox: 'none' as const }),
    ...(form.taint.length > 0 && {
      taint: {
        read_sensitive: has('read_sensitive'),
        read_untrusted: has('read_untrusted'),
        external_send_pending: has('external_send_pending'),
        secrets_used: has('secrets_used'),
      },
    }),
  };
};

/** Where the form shows what the server says about the question. */
export const fieldOfEvaluation = (path: string): string | null => {
  const [field = ''] = path.split('.', 1);
  return Object.hasOwn(EMPTY_EVALUATION, field) && field !== 'taint' ? field : null;
};
