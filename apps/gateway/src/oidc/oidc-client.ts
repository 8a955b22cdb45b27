import { Logger } from '@nestjs/common';
import * as openid from 'openid-client';
import { oidcDeclined, oidcRefused, oidcUnavailable } from './oidc.errors.js';
import type { Claims } from './oidc.rules.js';
import type { OidcSettings } from './oidc.settings.js';

const SCOPE = 'openid email profile';
const TIMEOUT_S = 10;

/** What a sign-in that has begun is to come back with. */
export interface Begun {
  state: string;
  nonce: string;
  /** PKCE, RFC 7636. */
  verifier: string;
}

/** The provider as we know it: OpenID Connect's code flow with PKCE, one client. */
export class OidcClient {
  private readonly log = new Logger(OidcClient.name);
  private discovered: Promise<openid.Configuration> | null = null;

  constructor(readonly settings: OidcSettings) {}

  /** @throws AppError `oidc.unavailable` */
  async begin(): Promise<{ url: URL; begun: Begun }> {
    const config = await this.configuration();
    const [state, nonce, verifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()];
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: this.settings.redirectUri,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url, begun: { state, nonce, verifier } };
  }

  /**
   * Who came back, when everything fits: state, issuer, the code for our verifier, and a token that the provider signed
   * for us, for this sign-in, just now.
   * @param query what the provider put behind the redirect URI
   * @throws AppError `oidc.refused`, `oidc.declined`, `oidc.unavailable`
   */
  async finish(query: string, { state, nonce, verifier }: Begun): Promise<Claims> {
    const config = await this.configuration();
    const came = new URL(this.settings.redirectUri);
    came.search = query;
    try {
      const tokens = await openid.authorizationCodeGrant(config, came, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const { sub, email, email_verified } = tokens.claims()!;
      if (typeof email === 'string') return { subject: sub, email, email_verified };
      const more = await openid.fetchUserInfo(config, tokens.access_token, sub);
      return { subject: sub, email: more.email, email_verified: more.email_verified };
    } catch (error) {
      throw this.told(error);
    }
  }

  private told(error: unknown): Error {
    if (error instanceof openid.AuthorizationResponseError) return oidcDeclined();
    this.log.warn({ err: error, what: 'a sign-in that was refused' });
    return isNetwork(error) ? oidcUnavailable(error) : oidcRefused(error);
  }

  /** Asked for once it is needed, and again when it could not be had. */
  private configuration(): Promise<openid.Configuration> {
    this.discovered ??= this.discover().catch((error: unknown) => {
      this.discovered = null;
      throw oidcUnavailable(error);
    });
    return this.discovered;
  }

  private discover(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const auth = clientSecret === '' ? openid.None() : openid.ClientSecretPost(clientSecret);
    return openid.discovery(issuer, clientId, undefined, auth, {
      timeout: TIMEOUT_S,
      // Signatures are checked too: TLS alone vouches for no proxy in between.
      execute: [
        openid.enableNonRepudiationChecks,
        ...(issuer.protocol === 'http:' ? [openid.allowInsecureRequests] : []),
      ],
    });
  }
}

const isNetwork = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof openid.ClientError && error.code === 'OAUTH_TIMEOUT');
