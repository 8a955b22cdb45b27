import type { CallContext } from '#contracts';
import { AppError, digestOf } from '#kernel';
import type { Tx } from './database.js';

/**
 * Runs a creating request at most once per team and key, in the transaction that creates. A repeat by the same principal
 * with the same body gets the first answer; without a key every call creates. `body` is the message as it was parsed:
 * its class, one per question, keeps two questions with equal bodies apart.
 * @throws AppError `request.key_reused` when the key was used for anything else.
 */
export const once = async <T extends object>(
  tx: Tx,
  ctx: CallContext,
  body: object,
  create: () => Promise<T>,
): Promise<T> => {
  const key = ctx.idempotency_key;
  if (!key) return create();
  // A concurrent twin waits here for the first one's commit.
  const [inserted] = await tx.query(
    `INSERT INTO request (team_id, key, body_digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING key`,
    [ctx.team, key, requestDigest(ctx, body)],
  );
  if (!inserted) return (await earlierAnswer<T>(tx, ctx, body))!;
  // As it is kept, so that the first answer and the ones after it are the same to the byte.
  const [[kept]] = await tx.query(
    `UPDATE request SET response = $3 WHERE team_id = $1 AND key = $2 RETURNING response`,
    [ctx.team, key, JSON.stringify(await create())],
  );
  return kept.response;
};

/**
 * What `once` answered to the same request before, for callers that check the world before they create: a repeat is not
 * judged again. Null when there is no key, or none that was used.
 * @throws AppError `request.key_reused`
 */
export const earlierAnswer = async <T extends object>(tx: Tx, ctx: CallContext, body: object): Promise<T | null> => {
  const key = ctx.idempotency_key;
  if (!key) return null;
  const [earlier] = await tx.query(`SELECT body_digest, response FROM request WHERE team_id = $1 AND key = $2`, [
    ctx.team,
    key,
  ]);
  if (!earlier) return null;
  if (earlier.body_digest !== requestDigest(ctx, body)) {
    throw new AppError('request.key_reused', 'This Idempotency-Key was used for another request.');
  }
  return earlier.response as T;
};

const requestDigest = (ctx: CallContext, body: object): string =>
  digestOf({
    principal: ctx.principal.id,
    request: body.constructor.name,
    body: JSON.parse(JSON.stringify(body)),
  });
