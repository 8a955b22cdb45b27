import type { MessageClass } from '#contracts';
import type { Permission } from '../auth/permission.rules.js';
import type { LimitName } from './limits.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Everything a route must say about itself; there is no route without it. */
export interface EndpointSpec<I extends object = object, A = Record<number, MessageClass<object>>> {
  method: Method;
  /** `/api/executions/:execution_id`: names are fields of the input. */
  path: string;
  /** A permission in the team, anybody who is let in, or nobody in particular. */
  needs: Permission | 'signed_in' | 'nothing';
  /** Not by an API key: it would do in a person's place what only they may. */
  bySession?: true;
  limit: LimitName;
  /** Also for somebody who has signed in with a one-time password and not yet set their own. */
  evenOneTime?: true;
  /** Path, query and body together; unknown fields are refused, but for routes that others call. */
  input: MessageClass<I>;
  ignoresUnknown?: true;
  /** What it answers, by status; the first is the usual one. `Nothing`: no body, or one that is not JSON. */
  answers: A;
  status?: number;
  doc: string;
  /** Also takes a YAML document as `source`. */
  yaml?: true;
  /** Honours Idempotency-Key. */
  creates?: true;
}
