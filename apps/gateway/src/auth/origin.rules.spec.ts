import { describe, expect, it } from '@jest/globals';
import { isOurs, isSafe, namesToken, type Provenance } from './origin.rules.js';

const HOST = 'spectrace.example.org';

describe('a request is ours', () => {
  it.each<[Provenance, boolean]>([
    [{ host: HOST }, true],
    [{ host: HOST, site: 'same-origin' }, true],
    [{ host: HOST, site: 'none' }, true],
    [{ host: HOST, site: 'same-site' }, false],
    [{ host: HOST, site: 'cross-site' }, false],
    [{ host: HOST, origin: `https://${HOST}` }, true],
    [{ host: HOST, origin: `http://${HOST}` }, true],
    [{ host: 'Spectrace.Example.org', origin: `https://${HOST}` }, true],
    [{ host: `${HOST}:8000`, origin: `https://${HOST}` }, false],
    [{ host: HOST, origin: 'https://example.org' }, false],
    [{ host: HOST, origin: `https://evil.example/${HOST}` }, false],
    [{ host: HOST, origin: `https://evil.${HOST}` }, false],
    [{ host: HOST, origin: `ftp://${HOST}` }, false],
    [{ host: HOST, origin: HOST }, false],
    [{ host: HOST, origin: 'null' }, false],
    [{ host: 'null', origin: 'null' }, false],
    [{ host: HOST, origin: '' }, false],
    [{ origin: `https://${HOST}` }, false],
    [{ host: HOST, origin: 'https://listed.example' }, true],
    [{ host: HOST, origin: 'https://listed.example.evil.example' }, false],
  ])('%j: %s', (from, ours) => {
    expect(isOurs(from, ['https://listed.example'])).toBe(ours);
  });
});

it.each([
  ['GET', true],
  ['HEAD', true],
  ['OPTIONS', true],
  ['POST', false],
  ['PUT', false],
  ['PATCH', false],
  ['DELETE', false],
  ['get', false],
  ['BREW', false],
])('%s only reads: %s', (method, safe) => {
  expect(isSafe(method)).toBe(safe);
});

it.each([
  ['token', true],
  ['Access_Token', true],
  ['ticket', true],
  ['cursor', false],
])('a query parameter %s would hold a secret: %s', (name, secret) => {
  expect(namesToken(name)).toBe(secret);
});
