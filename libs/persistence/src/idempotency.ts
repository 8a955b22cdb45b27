import type { CallContext } from '#contracts';
import { AppError, digestOf } from '#kernel';
import type { Tx } from './database.js';

/**
 * Runs a creating request at most once per team and key, in the transaction that creates. A repeat with the same body
 * gets the first answer; without a key every call creates.
 * @throws AppError `request.key_reused` when the key was used with another body.
 */
export const once = async <T extends object>(
  tx: Tx,
  ctx: CallContext,
  body: object,
  create: () => Promise<T>,
): Promise<T> => {
  const key = ctx.idempotency_key;
  if (!key) return create();
  const bodyDigest = digestOf({ principal: ctx.principal.id, body: JSON.parse(JSON.stringify(body)) });
  // A concurrent twin waits here for the first one's commit.
  const [inserted] = await tx.query(
    `INSERT INTO request (team_id, key, body_digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING key`,
    [ctx.team, key, bodyDigest],
  );
  if (!inserted) {
    const [earlier] = await tx.query(`SELECT body_digest, response FROM request WHERE team_id = $1 AND key = $2`, [
      ctx.team,
      key,
    ]);
    if (earlier?.body_digest !== bodyDigest) {
      throw new AppError('request.key_reused', 'This Idempotency-Key was used with another body.');
    }
    return earlier.response as T;
  }
  const response = await create();
  await tx.query(`UPDATE request SET response = $3 WHERE team_id = $1 AND key = $2`, [ctx.team, key, response]);
  return response;
};
