/** Formats with a fixed prefix or frame: what they match is a credential whatever the text around it says. */
const SECRET_FORMATS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ['AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})\b/],
  ['GitLab token', /\bglpat-[A-Za-z0-9_-]{20,64}\b/],
  ['Slack token', /\bxox[abeprs]-[A-Za-z0-9-]{10,250}\b/],
  ['Stripe key', /\b[rs]k_live_[A-Za-z0-9]{16,128}\b/],
  ['model provider key', /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,200}\b/],
  ['Google API key', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['JSON web token', /\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{16,1000}\b/],
  ['SpecTrace API key', /\bst_[a-z]+_[A-Za-z0-9]+_[A-Za-z0-9]{20,}_[A-Za-z0-9]{4,}\b/],
  ['password in a URL', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,64}:[^\s:/@*<{$]{4,128}@[\w.-]+/i],
  [
    'assigned secret',
    /\b(?:aws_secret_access_key|api[_-]?key|secret[_-]?key|access[_-]?token|client[_-]?secret|passw(?:or)?d)["']?\s{0,3}[:=]\s{0,3}["']?(?=[^\s"']{0,200}\d)(?=[^\s"']{0,200}[A-Za-z])[A-Za-z0-9+/_=!@#%^&-]{12,200}/i,
  ],
];

/** Kinds of secret a text contains, each once; the secret itself is never returned. */
export function secretsIn(text: string): string[] {
  return SECRET_FORMATS.filter(([, pattern]) => pattern.test(text)).map(([kind]) => kind);
}
