import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '#kernel';
import { openSigningKey, type SigningKey } from './signing-key.js';
import { TOKEN_LIFETIME_S, Tokens } from './token.js';

const person = { id: uuidv7(), team: uuidv7(), session: uuidv7() };
let key: SigningKey;

beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'spectrace-token-'));
  key = await openSigningKey(home);
  rmSync(home, { recursive: true });
});
afterEach(() => void jest.restoreAllMocks());

describe('an access token that was believed before', () => {
  it('says the same without its signature being checked again', async () => {
    const tokens = new Tokens(key);
    const token = await tokens.issue(person);
    const first = await tokens.verify(token);
    expect(first).toMatchObject({ sub: person.id, team: person.team, sid: person.session });
    jest.spyOn(crypto.subtle, 'verify').mockRejectedValue(new Error('checked again'));
    expect(await tokens.verify(token)).toEqual(first);
  });

  it('is believed no longer than it lasts', async () => {
    const tokens = new Tokens(key);
    const token = await tokens.issue(person);
    const { exp } = await tokens.verify(token);
    const now = jest.spyOn(Date, 'now').mockReturnValue(exp * 1_000 - 1);
    expect(await tokens.verify(token)).toMatchObject({ exp });
    now.mockReturnValue(exp * 1_000);
    jest.useFakeTimers({ now: exp * 1_000 });
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'auth.token_expired' });
    jest.useRealTimers();
  });

  it('does not make another text of it believed', async () => {
    const tokens = new Tokens(key);
    const token = await tokens.issue(person);
    await tokens.verify(token);
    const [head, , signature] = token.split('.');
    const claims = { sub: person.id, exp: Math.floor(Date.now() / 1_000) + TOKEN_LIFETIME_S };
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    await expect(tokens.verify(forged)).rejects.toMatchObject({ code: 'auth.token_invalid' });
    await expect(tokens.verify(`${token}A`)).rejects.toMatchObject({ code: 'auth.token_invalid' });
  });
});
