import { describe, expect, it } from '@jest/globals';
import { isPage, pagePolicy, pageWith } from './console.rules.js';

const HTML = 'text/html,application/xhtml+xml';

describe('a page of the console', () => {
  it.each([
    ['/', 'GET', HTML, true],
    ['/executions/019c', 'GET', HTML, true],
    ['/settings/members', 'HEAD', HTML, true],
    ['/apiary', 'GET', HTML, true],
    ['/', 'GET', 'application/json', false],
    ['/', 'GET', undefined, false],
    ['/', 'POST', HTML, false],
    ['/api/docs', 'GET', HTML, false],
    ['/api', 'GET', HTML, false],
    ['/metrics', 'GET', HTML, false],
    ['/assets/missing', 'GET', HTML, false],
    ['/robots.txt', 'GET', HTML, false],
    ['/socket.io/', 'GET', HTML, false],
  ])('%s by %s, %s: %s', (path, method, accept, expected) => {
    expect(isPage({ path, method, accept })).toBe(expected);
  });

  it('carries the nonce of its answer alone, and no word that would let foreign script or style in', () => {
    expect(pageWith('<meta content="__CSP_NONCE__">', 'abc')).toBe('<meta content="abc">');
    const policy = pagePolicy('abc');
    expect(policy).toContain("style-src 'self' 'nonce-abc'");
    expect(policy).toMatch(/script-src 'self';/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });
});
