import { AppError, isUuid, type JsonValue } from '#kernel';

const PATH = /^\/ws\/([^/]+)$/;
const TOKEN_NAMES = new Set(['token', 'access_token', 'authorization', 'api_key', 'jwt', 'ticket']);
const COUNT = /^(0|[1-9]\d{0,9})$/;
const MAX_SEQ = 2_147_483_647;

export interface Watch {
  execution_id: string;
  /** Frames after this sequence number. */
  after: number;
}

const refused = (code: string, message: string, path = ''): AppError =>
  new AppError(code, message, { details: { errors: [{ path, message }] } });

/** What a client wants to follow by `/ws/{execution_id}?after=N`, or why it cannot. */
export const watchOf = (url: string): Watch | AppError => {
  const [path = '', query = ''] = url.split('?', 2);
  const id = PATH.exec(path)?.[1];
  if (id === undefined) return new AppError('route.not_found', 'There is nothing here.');
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (TOKEN_NAMES.has(name.toLowerCase())) {
      return refused(
        'auth.token_in_url',
        'A token in a URL ends up in logs; send Authorization: Bearer <access token>.',
      );
    }
    if (name !== 'after') return refused('input.invalid', `unknown query parameter "${name}"`, `/${name}`);
  }
  if (!isUuid(id)) return refused('input.invalid', 'must be a UUID in lower case', '/execution_id');
  const after = parameters.getAll('after');
  if (after.length > 1 || !COUNT.test(after[0] ?? '0') || Number(after[0] ?? 0) > MAX_SEQ) {
    return refused('input.invalid', 'must be one sequence number, 0 or more', '/after');
  }
  return { execution_id: id, after: Number(after[0] ?? 0) };
};

/** What a client may say on an open socket: start again after a sequence number. */
export const resumeOf = (message: JsonValue): { after: number } | null => {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return null;
  const { type, after, ...rest } = message;
  const counts = typeof after === 'number' && Number.isInteger(after) && after >= 0 && after <= MAX_SEQ;
  return type === 'resume' && counts && Object.keys(rest).length === 0 ? { after } : null;
};
