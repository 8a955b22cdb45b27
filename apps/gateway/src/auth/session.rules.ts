/** How the token of a session travels; one that was given in one way is not believed in another. */
export type Carrier = 'cookie' | 'host_cookie' | 'body';

/** A session nobody used for this long is over, and so is every session this long after its sign-in. */
export const IDLE_S = 12 * 3_600;
export const LIFETIME_S = 7 * 24 * 3_600;
/** For this long after a rotation the token before is good too: tabs and processes that refresh at the same time. */
export const GRACE_S = 30;
/** `last_used_at` is at most this old while a session is used. */
export const TOUCH_S = 60;

/** What the database says about a presented token whose handle belongs to a session. */
export interface Presented {
  carrier: Carrier;
  /** Not ended, not expired, not idle. */
  open: boolean;
  is_current: boolean;
  is_previous: boolean;
  in_grace: boolean;
}

/**
 * What a token is worth. Whoever knows the handle had a token of this session, so a secret that is out of date was used
 * twice: by its owner and by somebody else. `foreign`: not where its token was put.
 */
export const worthOf = (
  { carrier, open, is_current, is_previous, in_grace }: Presented,
  by: Carrier,
): 'current' | 'previous' | 'ended' | 'reused' | 'foreign' => {
  if (carrier !== by) return 'foreign';
  if (!open) return 'ended';
  if (is_current) return 'current';
  return is_previous && in_grace ? 'previous' : 'reused';
};
