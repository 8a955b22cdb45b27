import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redact } from './redaction.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const PEM =
  '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEpAIBAAKCAQEA+/x=\n-----END RSA PRIVATE KEY-----';
// Put together here, so that no scanner takes the examples for leaked keys.
const key = (prefix: string, length: number) => prefix + 'a1B2c3D4e5'.repeat(10).slice(0, length);
const upperKey = (prefix: string) => `${prefix}${'A1B2C3D4E5F6G7H8'}`;

describe('what is redacted in a text', () => {
  it.each([
    ['mail ada.lovelace+x@example.co.uk, please', 'mail [redacted:email], please'],
    ['<müller@straße.example>', '<[redacted:email]>'],
    [`key ${key('sk-', 48)}.`, 'key [redacted:api_key].'],
    [key('sk-proj-', 40), '[redacted:api_key]'],
    [key('sk-ant-api03-', 60), '[redacted:api_key]'],
    [key('ghp_', 36), '[redacted:api_key]'],
    [key('gho_', 36), '[redacted:api_key]'],
    [key('github_pat_', 60), '[redacted:api_key]'],
    [`id=${upperKey('AKIA')};`, 'id=[redacted:api_key];'],
    [key('xoxb-', 40), '[redacted:api_key]'],
    [key('xoxp-', 40), '[redacted:api_key]'],
    [`st_live_0190a1bc_${key('', 32)}_1a2b3c`, '[redacted:api_key]'],
    [key('sk_live_', 24), '[redacted:api_key]'],
    [key('rk_test_', 24), '[redacted:api_key]'],
    [key('AIza', 35), '[redacted:api_key]'],
    [`a ${JWT} b`, 'a [redacted:jwt] b'],
    [`Authorization: Bearer ${JWT}`, 'Authorization: Bearer [redacted:authorization]'],
    [`curl -H 'authorization: Basic dXNlcjpwYXNz' x`, `curl -H 'authorization: Basic [redacted:authorization]' x`],
    [`{"Authorization":"Bearer abc"}`, `{"Authorization":"Bearer [redacted:authorization]"}`],
    ['sent bearer 0123456789abcdef0123', 'sent bearer [redacted:authorization]'],
    ['DB_PASSWORD=hunter2', 'DB_PASSWORD=[redacted:secret]'],
    ['password = "correct horse", next', 'password = "[redacted:secret]", next'],
    [String.raw`password: 'it\'s'`, `password: '[redacted:secret]'`],
    ['client_secret: abc&x=1', 'client_secret: [redacted:secret]&x=1'],
    ['?token=abc&page=2', '?token=[redacted:secret]&page=2'],
    [String.raw`{\"password\":\"two words\",\"a\":1}`, String.raw`{\"password\":\"[redacted:secret]\",\"a\":1}`],
    ['{"api_key": "k", "n": 1}', '{"api_key": "[redacted:secret]", "n": 1}'],
    ['password="not closed', 'password="[redacted:secret] closed'],
    ["password=don't", 'password=[redacted:secret]'],
    [`token=${key('ghp_', 36)}, ok`, 'token=[redacted:api_key], ok'],
    ['postgres://app:s3cr%3Dt@db:5432/x', 'postgres://app:[redacted:secret]@db:5432/x'],
    [`before\n${PEM}\nafter`, 'before\n[redacted:private_key]\nafter'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEvQ (cut', '[redacted:private_key]'],
    ['pay 4111 1111 1111 1111 now', 'pay [redacted:card_number] now'],
    ['4111-1111-1111-1111', '[redacted:card_number]'],
    ['5555555555554444', '[redacted:card_number]'],
    ['3782 822463 10005', '[redacted:card_number]'],
    ['5000 4111 1111 1111 1111', '5000 [redacted:card_number]'],
  ])('%j', (text, view) => {
    expect(redact(text).value).toBe(view);
  });

  it.each([
    'a plain sentence about tokens, secrets and passwords',
    'npm install lodash@4.17.21',
    'total_tokens: 512, secrets: none',
    'function f(token: string, password?: undefined)',
    'task-runner-with-a-long-hyphenated-name',
    'Bearer responsibilities are listed elsewhere',
    '4111 1111 1111 1112 fails the check digit',
    'at 1732000000000 ms',
    'id 0190a1bc-7123-7123-8123-411111111111',
    'sha256:4111111111111111ba7816bf8f01cfea414140de5dae2223b00361a396177a9c',
    '-----BEGIN PUBLIC KEY-----\nMIIBIj\n-----END PUBLIC KEY-----',
    'http://127.0.0.1:8000/path@x',
    '2026-11-20T08:59:00.000Z',
    'git@host',
    'password: ""',
  ])('%j stays', (text) => {
    expect(redact(text)).toEqual({ value: text, counts: {} });
  });

  it('what two replacements leave side by side', () => {
    const view = redact(`${key('ghp_', 36)}.bob@example.com`).value;
    expect(view).not.toMatch(/bob|ghp_/);
  });
});

describe('what is redacted in a value', () => {
  it('every string at any depth, with a count per kind; names, numbers and the shape stay', () => {
    const raw = {
      'ada@example.com': ['eve@example.com', { note: 'eve@example.com 4111111111111111' }],
      n: 4111111111111111,
      ok: true,
      none: null,
    };
    const before = structuredClone(raw);
    expect(redact(raw)).toEqual({
      value: {
        'ada@example.com': ['[redacted:email]', { note: '[redacted:email] [redacted:card_number]' }],
        n: 4111111111111111,
        ok: true,
        none: null,
      },
      counts: { email: 2, card_number: 1 },
    });
    expect(raw).toEqual(before);
  });

  it('a string under a secret name, whole; other types under it as usual', () => {
    const raw = {
      password: 'two words',
      accessToken: 'x',
      'set-cookie': 'a=b; Path=/',
      secret_value: key('ghp_', 36),
      token: '',
      secret: ['a'],
      tokens: 'x',
    };
    expect(redact(raw)).toEqual({
      value: {
        password: '[redacted:secret]',
        accessToken: '[redacted:secret]',
        'set-cookie': '[redacted:secret]',
        secret_value: '[redacted:api_key]',
        token: '',
        secret: ['a'],
        tokens: 'x',
      },
      counts: { secret: 3, api_key: 1 },
    });
  });

  it('a member named __proto__ stays a member', () => {
    const raw = JSON.parse('{"__proto__": {"to": "eve@example.com"}}') as object;
    expect(JSON.stringify(redact(raw).value)).toBe('{"__proto__":{"to":"[redacted:email]"}}');
  });
});

describe('redacting again', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      JWT,
      PEM,
      PEM.slice(0, 60),
      'ada@example.com',
      key('ghp_', 30),
      key('sk-', 30),
      upperKey('AKIA'),
      'Authorization: Bearer ',
      'bearer 0123456789abcdef0',
      'password=',
      '"token": "',
      'secret:',
      '4111111111111111',
      '4111 1111 1111 1111',
      '://u:p@h',
      '[redacted:email]',
      '[redacted:',
    ),
    fc.constantFrom(...' "\'\\\n,;.:=&-_@/x1]'.split('')),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

  it('changes nothing, whatever touches whatever', () => {
    fc.assert(
      fc.property(text, (raw) => {
        const once = redact(raw).value;
        expect(redact(once)).toEqual({ value: once, counts: {} });
      }),
      { numRuns: 5_000 },
    );
  });

  it('changes nothing in any JSON value', () => {
    const names = fc.constantFrom('password', 'note', 'Authorization', '__proto__');
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(text, fc.array(text), fc.jsonValue())), (raw) => {
        const once = redact(raw).value;
        expect(redact(once)).toEqual({ value: once, counts: {} });
      }),
    );
  });
});

describe('hostile texts of a megabyte', () => {
  const MEGABYTE = 1_000_000;
  const fill = (unit: string) => unit.repeat(Math.ceil(MEGABYTE / unit.length));

  /** Quadratic work on a megabyte would take hours, so finishing inside the test's deadline is the proof. */
  it.each([
    'a',
    'a.',
    '@',
    'a@',
    '@a.',
    'a@a.a.',
    '1',
    '1 ',
    '1-',
    '4111 1111 1111 ',
    'eyJ',
    'eyJ.',
    'eyJaaaaaaaa.',
    'sk-',
    'st_a_',
    'st_a_aaaaaaa_',
    'AKIA',
    '-',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\n-----END ',
    '-----BEGIN ',
    'password',
    'password=',
    'password="',
    'password=\\"',
    'password="\\"',
    'password="a password=\'',
    'password=""',
    'password \t',
    "password='\n",
    'authorization:',
    'authorization: ',
    'bearer ',
    'bearer a',
    '://',
    '://a:',
    '[redacted:',
    'password=[redacted:secret] ',
  ])('%j repeated', (unit) => {
    const text = fill(unit);
    const { value } = redact(text);
    expect(redact(value).value).toBe(value);
  });
});
