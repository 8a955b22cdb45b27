import type { AppError, LocatedProblem } from '#kernel';

/** An error as the world sees it: RFC 9457, with our code. */
export interface ProblemBody {
  type: 'about:blank';
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  retryable: boolean;
  errors?: LocatedProblem[];
  details?: Record<string, unknown>;
}

/** Every code that may reach a caller, by status. A code that is missing here is a bug of ours: 500. */
const CODES_BY_STATUS: Readonly<Record<number, readonly string[]>> = {
  400: [
    'action.edit_unclear',
    'action.identity_incomplete',
    'action.key_invalid',
    'analysis.state_invalid',
    'approval.reason_required',
    'approval.unchanged',
    'auth.token_in_url',
    'blob.name_invalid',
    'budget.limits_invalid',
    'budget.target_invalid',
    'contract.contradictory',
    'contract.edited',
    'contract.expects_everything',
    'contract.pattern_invalid',
    'execution.agent_type_unknown',
    'execution.incomplete',
    'id.invalid',
    'input.invalid',
    'json.invalid',
    'json.not_canonical',
    'kill_switch.scope_incomplete',
    'playbook.expression_failed',
    'playbook.inputs_invalid',
    'playbook.invalid',
    'playbook.too_many_items',
    'policy.bundle_invalid',
    'request.invalid',
    'request.yaml_invalid',
    'sandbox.command_invalid',
    'sandbox.workspace_invalid',
    'sandbox.workspace_owned_by_root',
    'spec.invalid',
    'team.invalid',
    'tool.unknown',
    'violation.note_required',
    'violation.nothing_to_change',
    'violation.owner_unknown',
    'workspace.hard_link',
    'workspace.not_a_directory',
    'workspace.not_a_file',
    'workspace.not_empty',
    'workspace.outside_roots',
    'workspace.path_invalid',
    'workspace.path_not_found',
    'workspace.refused',
    'workspace.special_file',
    'workspace.symlink_refused',
    'workspace.too_deep',
    'workspace.too_large',
    'workspace.too_many_files',
  ],
  401: [
    'auth.credentials_wrong',
    'auth.key_expired',
    'auth.key_invalid',
    'auth.key_revoked',
    'auth.key_used_up',
    'auth.required',
    'auth.session_ended',
    'auth.session_reused',
    'auth.ticket_invalid',
    'auth.token_expired',
    'auth.token_invalid',
    'oidc.refused',
  ],
  403: [
    'approval.role_missing',
    'approval.self_approval',
    'auth.agent_refused',
    'auth.csrf',
    'auth.no_team',
    'auth.old_password_wrong',
    'auth.password_change_required',
    'auth.permission_missing',
    'auth.session_needed',
    'budget.beyond_yours',
    'bypass.role_missing',
    'execution.on_behalf_of_refused',
    'kill_switch.scope_refused',
    'key.beyond_yours',
    'key.somebody_else',
    'member.own_password',
    'member.password_not_yours',
    'member.role_beyond_key',
    'member.session_needed',
    'oidc.declined',
    'oidc.email_unverified',
    'oidc.nobody_here',
    'oidc.other_account',
    'workspace.denied',
  ],
  404: [
    'approval.not_found',
    'blob.not_found',
    'bypass.not_found',
    'execution.not_found',
    'key.not_found',
    'kill_switch.not_found',
    'member.not_found',
    'oidc.off',
    'playbook.not_found',
    'policy.not_found',
    'route.not_found',
    'session.not_found',
    'team.not_found',
    'violation.not_found',
    'workspace.not_found',
  ],
  405: ['route.method_not_allowed'],
  408: ['request.slow'],
  409: [
    'action.moved_on',
    'approval.already_voted',
    'approval.changed',
    'approval.claimed',
    'approval.content_changed',
    'approval.denied_now',
    'approval.edit_denied',
    'approval.edited',
    'approval.expired',
    'approval.not_approved',
    'approval.not_editable',
    'approval.not_pending',
    'approval.pending',
    'approval.rejected',
    'approval.withdrawn',
    'bypass.nothing_asked',
    'execution.ended',
    'execution.ending',
    'execution.fenced',
    'execution.moved_on',
    'execution.not_paused',
    'execution.nothing_to_undo',
    'execution.waits_for_approval',
    'hold.moved_on',
    'key.too_many',
    'kill_switch.engaged',
    'kill_switch.too_many',
    'member.exists',
    'member.last_admin',
    'policy.in_force',
    'policy.not_draft',
    'policy.not_published',
    'policy.not_shadowed',
    'policy.not_validated',
    'policy.outdated',
    'member.password_pending',
    'request.key_reused',
    'team.exists',
    'violation.moved_on',
    'workspace.busy',
    'workspace.changing',
  ],
  413: ['request.too_large'],
  414: ['request.uri_too_long'],
  415: ['request.media_type'],
  429: ['live.too_many', 'live.too_many_joined', 'request.too_many'],
  431: ['request.headers_too_large'],
  503: [
    'action.undecided',
    'kill_switch.unknown',
    'oidc.unavailable',
    'policy.busy',
    'policy.unconfirmed',
    'service.stopping',
    'service.unavailable',
  ],
  504: ['request.timeout', 'service.timeout'],
};

const STATUS_OF: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_STATUS).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
);

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const INTERNAL = 500;

/** Undefined: a code no caller should ever see. */
export const statusOf = (code: string): number | undefined => STATUS_OF.get(code);

/** What a framework's status means in our codes. */
export const codeOfStatus = (status: number): string | undefined =>
  (
    ({
      400: 'request.invalid',
      404: 'route.not_found',
      405: 'route.method_not_allowed',
      408: 'request.slow',
      413: 'request.too_large',
      414: 'request.uri_too_long',
      415: 'request.media_type',
      431: 'request.headers_too_large',
    }) as Record<number, string>
  )[status];

export const problemOf = (
  error: Pick<AppError, 'code' | 'message' | 'details' | 'retryable'>,
  requestId: string,
): ProblemBody => {
  const status = statusOf(error.code);
  if (status === undefined) return internalProblem(requestId);
  const { errors, ...details } = error.details ?? {};
  return {
    type: 'about:blank',
    title: TITLES[status]!,
    status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    retryable: error.retryable,
    ...(errors && { errors }),
    ...(Object.keys(details).length > 0 && { details }),
  };
};

export const internalProblem = (requestId: string): ProblemBody => ({
  type: 'about:blank',
  title: 'Internal Server Error',
  status: INTERNAL,
  detail: 'Something went wrong on our side; the request id finds it in the log.',
  code: 'internal.error',
  request_id: requestId,
  retryable: false,
});

/** Headers that a problem brings with it. */
export const problemHeaders = ({ status, details }: ProblemBody): Record<string, string> => ({
  'content-type': 'application/problem+json; charset=utf-8',
  'cache-control': 'no-store',
  ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  ...(typeof details?.['retry_after_s'] === 'number' && { 'retry-after': String(details['retry_after_s']) }),
});
