import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { startService } from '#service';
import { gateway as definition } from '../src/definition.js';
import { openGateway, passwordOf, type TestGateway } from './gateway.fixture.js';
import { CLIENT, openLyingProvider, openProvider, REDIRECT, type TestProvider, Traveller } from './oidc.fixture.js';

// The provider's advice on its own settings.
jest.spyOn(console, 'info').mockImplementation(() => undefined);
jest.spyOn(console, 'warn').mockImplementation(() => undefined);

const settingsFor = (issuer: string): Record<string, string> => ({
  OIDC_ISSUER: issuer,
  OIDC_CLIENT_ID: CLIENT.id,
  OIDC_CLIENT_SECRET: CLIENT.secret,
  OIDC_REDIRECT_URI: REDIRECT,
  OIDC_NAME: 'Example',
  OIDC_ALLOWED_DOMAINS: 'welcome.example',
  OIDC_TEAM: 'default',
  TRUST_PROXY: '127.0.0.1',
});

const refused = (code: string): string => `/?sign_in=${code}`;
const meOf = async (gateway: TestGateway, browser: Traveller) => {
  const cookie = [...browser.cookies(gateway.url)].map(([name, value]) => `${name}=${value}`).join('; ');
  return gateway.call('GET', '/api/auth/me', { headers: { cookie } });
};
/** A whole sign-in; where it ended. */
const signIn = async (gateway: TestGateway, browser = new Traveller()): Promise<string> =>
  browser.comeBack(gateway.url, await browser.signIn(gateway.url));

describe('a sign-in by OpenID Connect', () => {
  let provider: TestProvider;
  let gateway: TestGateway;
  let people = 0;

  beforeAll(async () => {
    provider = await openProvider();
    gateway = await openGateway(settingsFor(provider.issuer));
  });
  afterAll(async () => {
    await gateway.close();
    await provider.close();
  });

  const account = (more: Partial<TestProvider['account']> = {}): TestProvider['account'] => {
    const sub = `account-${(people += 1)}`;
    provider.account = { sub, email: `${sub}@example.org`, email_verified: true, ...more };
    return provider.account;
  };
  const member = async (): Promise<string> => {
    const { email } = account();
    const body = { email, role: 'operator' };
    await gateway.call('POST', `/api/teams/${gateway.team}/members`, { token: gateway.token, body });
    return email!;
  };

  it('is offered to everybody who asks how to sign in', async () => {
    const { status, body } = await gateway.call('GET', '/api/auth/methods');
    expect([status, body]).toEqual([200, { password: true, oidc: { name: 'Example', start: '/api/auth/oidc/start' } }]);
  });

  it('lets a member in whose address is verified, with the cookies of any sign-in', async () => {
    const email = await member();
    const browser = new Traveller();
    const { location, setCookies } = await browser.get(`${gateway.url}/api/auth/oidc/start`);
    const asked = new URL(location).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
    expect(setCookies).toEqual([
      expect.stringMatching(/^spectrace_oidc=[\w.-]+; Path=\/; Max-Age=600; SameSite=Lax; HttpOnly$/),
    ]);
    expect(setCookies[0]).not.toContain(asked.get('state')!);
    expect(await signIn(gateway, browser)).toBe('/');
    const cookies = browser.cookies(gateway.url);
    expect([...cookies.keys()].sort()).toEqual(['spectrace_csrf', 'spectrace_session']);
    const { body } = await meOf(gateway, browser);
    expect(body).toMatchObject({ user: { email }, roles: ['operator'], password_change_required: false });
  });

  it('is the same person again, though the address has changed there', async () => {
    const email = await member();
    expect(await signIn(gateway)).toBe('/');
    provider.account = { ...provider.account, email: 'renamed@example.org', email_verified: false };
    const browser = new Traveller();
    expect(await signIn(gateway, browser)).toBe('/');
    expect((await meOf(gateway, browser)).body.user.email).toBe(email);
  });

  it('is nobody for another account that was given the address since', async () => {
    const email = await member();
    expect(await signIn(gateway)).toBe('/');
    account({ email });
    expect(await signIn(gateway)).toBe(refused('oidc.other_account'));
  });

  it.each<[string, Partial<TestProvider['account']>]>([
    ['not verified', { email_verified: false }],
    ['said to be verified by nothing', { email_verified: undefined }],
    ['verified in words', { email_verified: 'true' as never }],
    ['not told', { email: undefined }],
  ])('is refused when the address is %s', async (_name, claims) => {
    const email = await member();
    provider.account = { ...provider.account, email, ...claims };
    const browser = new Traveller();
    expect(await signIn(gateway, browser)).toBe(refused('oidc.email_unverified'));
    expect((await meOf(gateway, browser)).body.code).toBe('auth.required');
  });

  it('is refused when nobody here has the address, and of the domain that is welcome becomes a viewer', async () => {
    account();
    expect(await signIn(gateway)).toBe(refused('oidc.nobody_here'));
    for (const email of ['a@notwelcome.example', 'a@welcome.example.org', 'a@welcome.example@example.org']) {
      account({ email });
      expect(await signIn(gateway)).toBe(refused('oidc.nobody_here'));
    }
    const { email } = account({ email: `New.${people}@Welcome.example` });
    const browser = new Traveller();
    expect(await signIn(gateway, browser)).toBe('/');
    expect((await meOf(gateway, browser)).body).toMatchObject({
      user: { email: email!.toLowerCase(), installation_admin: false },
      team: gateway.team,
      roles: ['viewer'],
      password_change_required: false,
    });
  });

  it('makes a one-time password that was never used worthless', async () => {
    const { email } = account();
    const added = await gateway.call('POST', `/api/teams/${gateway.team}/members`, {
      token: gateway.token,
      body: { email, role: 'viewer' },
    });
    const browser = new Traveller();
    expect(await signIn(gateway, browser)).toBe('/');
    expect((await meOf(gateway, browser)).body.password_change_required).toBe(false);
    const login = { email, password: added.body.one_time_password };
    expect((await gateway.call('POST', '/api/auth/login', { body: login })).status).toBe(401);
  });

  it('leaves a password of their own as it was', async () => {
    const { email } = account();
    await gateway.person(email!, 'viewer');
    expect(await signIn(gateway)).toBe('/');
    await gateway.login(email!, passwordOf(email!));
  });

  it('is over for somebody who was taken out of the team', async () => {
    const { email } = account();
    const { id } = await gateway.person(email!, 'viewer');
    expect(await signIn(gateway)).toBe('/');
    await gateway.call('DELETE', `/api/teams/${gateway.team}/members/${id}`, { token: gateway.token });
    expect(await signIn(gateway)).toBe(refused('auth.no_team'));
  });

  describe('that did not begin here', () => {
    it('is refused with a state of somebody else, a wrong one, and none', async () => {
      await member();
      const [victim, attacker] = [new Traveller(), new Traveller()];
      await victim.signIn(gateway.url);
      const query = await attacker.signIn(gateway.url);
      // The attacker's own code and state in the victim's browser: a sign-in to the attacker's account.
      expect(await victim.comeBack(gateway.url, query)).toBe(refused('oidc.refused'));
      for (const change of [
        (one: URLSearchParams) => one.set('state', 'x'),
        (one: URLSearchParams) => one.delete('state'),
      ]) {
        const browser = new Traveller();
        const params = new URLSearchParams(await browser.signIn(gateway.url));
        change(params);
        expect(await browser.comeBack(gateway.url, `?${params}`)).toBe(refused('oidc.refused'));
      }
    });

    it('is refused without its cookie, with a forged one, and the second time', async () => {
      await member();
      const browser = new Traveller();
      const query = await browser.signIn(gateway.url);
      const sealed = browser.cookies(gateway.url).get('spectrace_oidc')!;
      expect(await new Traveller().comeBack(gateway.url, query)).toBe(refused('oidc.refused'));
      const forger = new Traveller();
      const [head, wrapped, iv, text, tag] = sealed.split('.');
      const bent = text!.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
      forger.cookies(gateway.url).set('spectrace_oidc', [head, wrapped, iv, bent, tag].join('.'));
      expect(await forger.comeBack(gateway.url, query)).toBe(refused('oidc.refused'));
      expect(await browser.comeBack(gateway.url, query)).toBe('/');
      expect(browser.cookies(gateway.url).has('spectrace_oidc')).toBe(false);
      // A thief who has code and cookie both comes too late.
      const thief = new Traveller();
      thief.cookies(gateway.url).set('spectrace_oidc', sealed);
      expect(await thief.comeBack(gateway.url, query)).toBe(refused('oidc.refused'));
    });

    it.each<[string, (params: URLSearchParams) => void]>([
      ['another issuer in it', (params) => params.set('iss', 'https://evil.example')],
      ['a code that is none', (params) => params.set('code', 'made-up')],
      ['no code', (params) => params.delete('code')],
    ])('is refused with %s', async (_name, change) => {
      await member();
      const browser = new Traveller();
      const params = new URLSearchParams(await browser.signIn(gateway.url));
      change(params);
      expect(await browser.comeBack(gateway.url, `?${params}`)).toBe(refused('oidc.refused'));
    });

    it('is told as declined when the provider says so, whatever else it adds', async () => {
      const browser = new Traveller();
      const params = new URLSearchParams(await browser.signIn(gateway.url));
      params.delete('code');
      params.set('error', 'access_denied');
      params.set('session_state', 'anything');
      expect(await browser.comeBack(gateway.url, `?${params}`)).toBe(refused('oidc.declined'));
    });
  });
});

describe('a provider that lies', () => {
  let provider: Awaited<ReturnType<typeof openLyingProvider>>;
  let gateway: TestGateway;
  const EMAIL = 'lied.about@example.org';

  beforeAll(async () => {
    provider = await openLyingProvider();
    gateway = await openGateway(settingsFor(provider.issuer));
    await gateway.person(EMAIL, 'viewer');
  });
  beforeEach(() => {
    provider.account = { sub: 'one', email: EMAIL, email_verified: true };
    provider.lie = {};
  });
  afterAll(async () => {
    await gateway.close();
    await provider.close();
  });

  const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const nowS = (): number => Math.floor(Date.now() / 1_000);

  it('is believed as long as it does not', async () => {
    expect(await signIn(gateway)).toBe('/');
  });

  it.each<[string, () => (typeof provider)['lie']]>([
    ['the nonce of another sign-in', () => ({ claims: { nonce: 'of-another' } })],
    ['no nonce', () => ({ claims: { nonce: undefined } })],
    ['another audience', () => ({ claims: { aud: 'somebody-else' } })],
    ['ours among others, made for another', () => ({ claims: { aud: [CLIENT.id, 'x'], azp: 'x' } })],
    ['a foreign issuer', () => ({ claims: { iss: 'https://evil.example' } })],
    ['an end that is past', () => ({ claims: { iat: nowS() - 900, exp: nowS() - 600 } })],
    ['no end', () => ({ claims: { exp: undefined } })],
    ['an end as a text', () => ({ claims: { exp: String(nowS() + 300) as never } })],
    ['no subject', () => ({ claims: { sub: undefined } })],
    ['a key that it does not list', () => ({ strangeKey: true })],
    ['no signature', () => ({ token: (claims) => `${base64({ alg: 'none' })}.${base64(claims)}.` })],
    [
      "the client's secret as a key",
      () => ({
        token: (claims) => {
          const text = `${base64({ alg: 'HS256', kid: 'one' })}.${base64(claims)}`;
          return `${text}.${createHmac('sha256', CLIENT.secret).update(text).digest('base64url')}`;
        },
      }),
    ],
    ['no token at all', () => ({ token: () => '' })],
  ])('is not, in a token with %s', async (_name, lie) => {
    provider.lie = lie();
    const browser = new Traveller();
    expect(await signIn(gateway, browser)).toBe(refused('oidc.refused'));
    expect([...browser.cookies(gateway.url).keys()]).toEqual([]);
  });

  it('has its list of keys read again: a new key is good after a minute, a retired one for five at most', async () => {
    const later = async (seconds: number): Promise<string> => {
      const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + seconds * 1_000);
      return signIn(gateway).finally(() => clock.mockRestore());
    };
    expect(await later(1_000)).toBe('/');
    await provider.rotate('two');
    expect(await later(1_050)).toBe(refused('oidc.refused'));
    expect(await later(1_065)).toBe('/');
    provider.lie = { retiredKey: true };
    expect(await later(1_070)).toBe(refused('oidc.refused'));
    provider.lie = {};
    expect(await later(1_075)).toBe('/');
    await provider.rotate('three');
    provider.lie = { retiredKey: true };
    expect(await later(1_200)).toBe('/');
    expect(await later(1_380)).toBe(refused('oidc.refused'));
    provider.lie = {};
    expect(await later(1_381)).toBe('/');
  });

  it('or is away is told as such, and asked again the next time', async () => {
    const away = await openLyingProvider();
    const service = await startService(definition, gateway.platform, { PORT: '0', ...settingsFor(away.issuer) });
    const { port } = (service.app as never as { getHttpServer(): { address(): { port: number } } })
      .getHttpServer()
      .address();
    await away.close();
    const { location } = await new Traveller().get(`http://127.0.0.1:${port}/api/auth/oidc/start`);
    expect(new URL(location).search).toBe('?sign_in=oidc.unavailable');
    await service.close();
  });
});

describe('without a provider', () => {
  it('nothing is offered, and its routes say so', async () => {
    const gateway = await openGateway();
    expect((await gateway.call('GET', '/api/auth/methods')).body).toEqual({ password: true, oidc: null });
    for (const path of ['start', 'callback?code=x&state=y']) {
      const { status, body } = await gateway.call('GET', `/api/auth/oidc/${path}`);
      expect([status, body.code]).toEqual([404, 'oidc.off']);
    }
    for (const wrong of [
      { OIDC_CLIENT_ID: '' },
      { OIDC_ISSUER: 'http://idp.example.org' },
      { OIDC_REDIRECT_URI: 'nowhere' },
      { OIDC_TEAM: '' },
    ]) {
      const settings = { PORT: '0', ...settingsFor('https://idp.example.org'), ...wrong };
      await expect(startService(definition, gateway.platform, settings)).rejects.toMatchObject({
        code: 'settings.invalid',
      });
    }
    await gateway.close();
  });
});
