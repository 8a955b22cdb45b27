import { calculateJwkThumbprint, SignJWT } from 'jose';
import { createPrivateKey, createPublicKey, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const TOKEN_S = 600;

/**
 * A crowd of signed-in viewers of one team, written where signing them in one by one would take minutes.
 * @returns `{tokens, key, kid}`: access tokens good for 10 minutes, and the public key they are checked by
 */
export const seatPeople = async ({ adminUrl, home, team, count }) => {
  const people = Array.from({ length: count }, (_, n) => ({
    user: randomUUID(),
    session: randomUUID(),
    membership: randomUUID(),
    email: `viewer.${n}@example.org`,
    handle: randomBytes(32).toString('hex'),
  }));
  const client = new pg.Client(adminUrl);
  await client.connect();
  const each = `json_to_recordset($1) AS person ("user" uuid, session uuid, membership uuid, email text, handle text)`;
  const insert = (text) => client.query(text, [JSON.stringify(people), team].slice(0, text.includes('$2') ? 2 : 1));
  try {
    await insert(
      `INSERT INTO gateway.users (id, email, name, password_hash) SELECT "user", email, 'Viewer', '!' FROM ${each}`,
    );
    await insert(`INSERT INTO gateway.membership (id, team_id, user_id, role, fact_version)
                  SELECT membership, $2, "user", 'viewer', 1 FROM ${each}`);
    await insert(`INSERT INTO gateway.session (id, user_id, team, client, carrier, handle_hash, token_hash, expires_at)
                  SELECT session, "user", $2, 'cli', 'body', decode(handle, 'hex'), '', now() + interval '1 day' FROM ${each}`);
  } finally {
    await client.end();
  }
  return { ...(await tokensOf(people, home, team)), people: people.map(({ user, email }) => ({ user, email })) };
};

const tokensOf = async (people, home, team) => {
  const privateKey = createPrivateKey(readFileSync(join(home, 'gateway-signing-key.pem')));
  const publicKey = createPublicKey(privateKey);
  const kid = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }));
  const tokens = await Promise.all(
    people.map(({ user, session }) =>
      new SignJWT({ team, sid: session })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid })
        .setIssuer('spectrace')
        .setAudience('spectrace:api')
        .setSubject(user)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_S}s`)
        .sign(privateKey),
    ),
  );
  return { tokens, kid, key: publicKey.export({ type: 'spki', format: 'pem' }) };
};
