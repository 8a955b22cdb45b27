import { isUuid, parseStrictJson, uuidv7 } from '#kernel';
import { errors, jwtVerify, SignJWT } from 'jose';
import { hash } from 'node:crypto';
import { tokenExpired, tokenInvalid } from './auth.errors.js';
import { Recent } from './recent.rules.js';
import type { SigningKey } from './signing-key.js';

const ISSUER = 'spectrace';
const AUDIENCE = 'spectrace:api';
const ALGORITHM = 'EdDSA';
export const TOKEN_LIFETIME_S = 600;
/** Longer texts are refused before any work is spent on them. */
const MAX_TOKEN_LENGTH = 2_048;

export interface TokenClaims {
  /** User id. */
  sub: string;
  /** The team the person signed in to. */
  team: string;
  /** Session id; the token is good while the session is open. */
  sid: string;
  /** Seconds since 1970. */
  exp: number;
}

/** Access tokens: JWTs signed with EdDSA by our one key, and believed under no other algorithm or key. */
export class Tokens {
  /** By SHA-256 of the token: the same bytes have the same signature. */
  private readonly verified = new Recent<TokenClaims>();

  constructor(private readonly key: SigningKey) {}

  issue(person: { id: string; team: string; session: string }): Promise<string> {
    return new SignJWT({ team: person.team, sid: person.session })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: this.key.kid })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(person.id)
      .setJti(uuidv7())
      .setIssuedAt()
      .setExpirationTime(`${TOKEN_LIFETIME_S}s`)
      .sign(this.key.privateKey);
  }

  /** @throws AppError `auth.token_invalid`, `auth.token_expired` */
  async verify(token: string): Promise<TokenClaims> {
    if (token.length > MAX_TOKEN_LENGTH || !isUnambiguous(token)) throw tokenInvalid();
    const digest = hash('sha256', token, 'base64url');
    const known = this.verified.get(digest, Date.now());
    if (known) return known;
    const { iat, ...claims } = await this.check(token);
    this.verified.set(digest, claims, Math.min(claims.exp, iat + TOKEN_LIFETIME_S) * 1_000);
    return claims;
  }

  private async check(token: string): Promise<TokenClaims & { iat: number }> {
    const { payload } = await jwtVerify(
      token,
      (header) => {
        if (header.kid !== this.key.kid) throw tokenInvalid();
        return this.key.publicKey;
      },
      {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'JWT',
        maxTokenAge: TOKEN_LIFETIME_S,
        requiredClaims: ['sub', 'exp', 'jti', 'team', 'sid'],
      },
    ).catch((error: unknown) => {
      throw error instanceof errors.JWTExpired ? tokenExpired() : tokenInvalid();
    });
    const { sub, team, sid, exp = 0, iat = 0 } = payload;
    if (!isUuid(sub) || !isUuid(team) || !isUuid(sid)) throw tokenInvalid();
    if (!Number.isSafeInteger(exp) || !Number.isSafeInteger(iat) || exp - iat > TOKEN_LIFETIME_S) throw tokenInvalid();
    return { sub, team, sid, exp, iat };
  }
}

/** False when header or claims hold a name twice: two readers might believe two different tokens. */
const isUnambiguous = (token: string): boolean => {
  try {
    for (const part of token.split('.', 2)) parseStrictJson(Buffer.from(part, 'base64url').toString());
    return true;
  } catch {
    return false;
  }
};
