import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export const CLIENT = { id: 'spectrace', secret: 'a secret of the client that is long enough' };
/** Nobody listens there: a test carries the browser on by itself. */
export const REDIRECT = 'http://127.0.0.1:9/api/auth/oidc/callback';

export interface OidcAccount {
  sub: string;
  email?: string;
  email_verified?: boolean;
}

export interface TestProvider {
  issuer: string;
  /** Who is signed in there. */
  account: OidcAccount;
  close(): Promise<void>;
}

const listen = async (handler: RequestListener): Promise<{ server: Server; url: string }> => {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const closeOf = (server: Server) => (): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** `oidc-provider` on loopback, at which somebody is signed in already and agrees to everything. */
export const openProvider = async (redirect = REDIRECT): Promise<TestProvider> => {
  const handler = { current: ((_request, response) => response.end()) as RequestListener };
  const { server, url } = await listen((request, response) => handler.current(request, response));
  const held: TestProvider = { issuer: url, account: { sub: 'nobody' }, close: closeOf(server) };
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider: Provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirect],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' }] as never },
    cookies: { keys: ['of a test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ ...held.account, sub: id }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const routed = provider.callback();
  handler.current = (request, response) => {
    if (!request.url!.startsWith('/interaction/')) return void routed(request, response);
    void provider.interactionFinished(request, response, { login: { accountId: held.account.sub } });
  };
  return held;
};

/** What a provider that lies does to its next token. */
export interface Lie {
  claims?: JWTPayload & { nonce?: string };
  /** Signs with a key that is in none of its lists. */
  strangeKey?: boolean;
  /** Signs with the key before the last `rotate`. */
  retiredKey?: boolean;
  /** In place of the signed token. */
  token?: (claims: JWTPayload) => string;
}

export interface LyingProvider extends TestProvider {
  lie: Lie;
  /** The nonce of the sign-in under way. */
  nonce: string;
  /** Signs with a new key, and lists no other. */
  rotate(kid: string): Promise<void>;
}

/** A provider in the real words of the protocol, whose tokens say whatever a test wants. */
export const openLyingProvider = async (): Promise<LyingProvider> => {
  const newKey = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid } };
  };
  const first = await newKey('one');
  const keys = { listed: first, retired: first, strange: await newKey('one') };
  const answer = (response: ServerResponse, body: object): void => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  };
  const idToken = async (): Promise<string> => {
    const now = Math.floor(Date.now() / 1_000);
    const { sub, email, email_verified } = held.account;
    const claims = {
      iss: held.issuer,
      aud: CLIENT.id,
      sub,
      email,
      email_verified,
      nonce: held.nonce,
      iat: now,
      exp: now + 300,
      ...held.lie.claims,
    };
    if (held.lie.token) return held.lie.token(claims);
    const { strangeKey, retiredKey } = held.lie;
    const { kid, privateKey } = strangeKey ? keys.strange : retiredKey ? keys.retired : keys.listed;
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
  };
  const serve = async ({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { issuer } = held;
    if (url.startsWith('/.well-known/')) {
      return answer(response, {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        authorization_response_iss_parameter_supported: true,
      });
    }
    if (url.startsWith('/jwks')) return answer(response, { keys: [keys.listed.jwk] });
    if (url.startsWith('/token')) {
      return answer(response, { access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: await idToken() });
    }
    const asked = new URL(url, issuer).searchParams;
    held.nonce = asked.get('nonce')!;
    const back = new URLSearchParams({ code: 'a-code', state: asked.get('state')!, iss: issuer });
    response.writeHead(302, { location: `${asked.get('redirect_uri')}?${back}` }).end();
  };
  const { server, url } = await listen((request, response) => void serve(request, response));
  const held: LyingProvider = {
    issuer: url,
    account: { sub: 'nobody' },
    lie: {},
    nonce: '',
    rotate: async (kid) => void Object.assign(keys, { retired: keys.listed, listed: await newKey(kid) }),
    close: closeOf(server),
  };
  return held;
};

let travellers = 0;

/** A browser with an address of its own that keeps cookies per host and goes where it is sent, step by step. */
export class Traveller {
  private readonly address = `198.51.100.${(travellers += 1)}`;
  private readonly jars = new Map<string, Map<string, string>>();

  cookies(url: string): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    return jar;
  }

  async get(url: string): Promise<{ status: number; location: string; setCookies: string[]; body: string }> {
    const jar = this.cookies(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie, accept: 'text/html', 'x-forwarded-for': this.address },
    });
    const setCookies = answer.headers.getSetCookie();
    for (const line of setCookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    const location = answer.headers.get('location');
    const to = location === null ? '' : new URL(location, url).href;
    return { status: answer.status, location: to, setCookies, body: await answer.text() };
  }

  /** From the login page to where the provider sends the browser back to: the query it comes with. */
  async signIn(gateway: string): Promise<string> {
    let { location } = await this.get(`${gateway}/api/auth/oidc/start`);
    for (let hops = 0; hops < 10 && !location.startsWith(REDIRECT); hops += 1) {
      const next = await this.get(location);
      if (next.location === '') throw new Error(`stuck at ${location}: ${next.status} ${next.body.slice(0, 500)}`);
      location = next.location;
    }
    return new URL(location).search;
  }

  /** Comes back, and tells where it was sent then: path and query. */
  async comeBack(gateway: string, query: string): Promise<string> {
    const { location, status, body } = await this.get(`${gateway}/api/auth/oidc/callback${query}`);
    if (status !== 302) throw new Error(`callback: ${status} ${body}`);
    const { pathname, search } = new URL(location);
    return pathname + search;
  }
}
