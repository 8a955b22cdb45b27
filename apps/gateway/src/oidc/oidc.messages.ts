import { fields } from '#contracts';

const { Bool, Nested, Text } = fields;
const MAX_LENGTH = 4_096;

/** What a provider sends back with; whatever else it adds is not looked at (RFC 6749, section 4.1.2). */
export class OidcCallback {
  @Text({ optional: true, max: MAX_LENGTH }) code?: string;
  @Text({ optional: true, max: MAX_LENGTH }) state?: string;
  @Text({ optional: true, max: MAX_LENGTH, doc: 'The issuer, RFC 9207.' }) iss?: string;
  @Text({ optional: true, max: MAX_LENGTH }) error?: string;
}

export class OidcMethod {
  @Text({ doc: 'What the provider is called.' }) name!: string;
  @Text({ doc: 'Where a browser goes to sign in.' }) start!: string;
}

export class SignInMethods {
  @Bool() password!: boolean;
  @Nested(() => OidcMethod, { optional: true, doc: 'Null when no provider is set.' }) oidc!: OidcMethod | null;
}
