import { AppError, isUuid } from '#kernel';
import { teamNotFound } from '../member/member.errors.js';
import { isSeq, type Watch } from './live.rules.js';

/** Executions that one socket may follow at a time. */
export const MAX_JOINED = 20;

/** The members of an object that came as JSON; undefined for anything else, bytes among them. */
const membersOf = (value: unknown): Map<string, unknown> | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null ? new Map(Object.entries(value)) : undefined;
};

const invalid = (message: string): AppError =>
  new AppError('input.invalid', message, { details: { errors: [{ path: '', message }] } });

/** The ticket of a handshake's `auth`, undefined when it brings none. */
export const ticketOf = (auth: unknown): string | undefined | AppError => {
  const members = membersOf(auth);
  if (!members || members.size === 0) return undefined;
  const ticket = members.get('ticket');
  if (members.size === 1 && typeof ticket === 'string') return ticket;
  return invalid('auth takes {"ticket": "<one-time ticket>"} and nothing else');
};

/** What `join_execution` names: a bare id, or `{execution_id, after}`. */
export const joinOf = (args: readonly unknown[]): Watch | AppError => {
  const [what] = args;
  const members = typeof what === 'string' ? new Map<string, unknown>([['execution_id', what]]) : membersOf(what);
  const { execution_id, after = 0, ...rest } = Object.fromEntries(members ?? []);
  if (args.length !== 1 || !isUuid(execution_id) || !isSeq(after) || Object.keys(rest).length > 0) {
    return invalid('join_execution takes an execution id, or {"execution_id": <id>, "after": <sequence number>}');
  }
  return { execution_id, after };
};

/** What `leave_execution` names: a bare id. */
export const leaveOf = (args: readonly unknown[]): string | AppError => {
  const [id] = args;
  return args.length === 1 && isUuid(id) ? id : invalid('leave_execution takes an execution id');
};

/** Undefined when `join_team` means the caller's own team: a room of another is answered like one that is not there. */
export const teamProblem = (args: readonly unknown[], own: string): AppError | undefined => {
  if (args.length === 0 || (args.length === 1 && args[0] === own)) return undefined;
  return args.length === 1 && isUuid(args[0])
    ? teamNotFound()
    : invalid('join_team takes nothing, or the id of your team');
};
