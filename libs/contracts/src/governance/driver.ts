import type { DecideAction } from './action.js';

/** The driver of an action that an agent elsewhere does itself, and the name of an agent that gives none. */
export const EXTERNAL = 'external';

/** What stands around an action while it is done, whatever the action is. */
export type Surroundings = Pick<DecideAction, 'held' | 'sandbox'>;

/** Of what an executor does itself. */
export const DONE_HERE: Surroundings = { held: true, sandbox: 'bubblewrap' };

/** Of what an agent elsewhere does: nothing is held and nothing confined. */
export const DONE_ELSEWHERE: Surroundings = { held: false, sandbox: 'none' };

/** Of a driver nobody knows the worst is assumed. */
export const surroundingsOf = (driver: string): Surroundings => (driver === 'playbook' ? DONE_HERE : DONE_ELSEWHERE);
