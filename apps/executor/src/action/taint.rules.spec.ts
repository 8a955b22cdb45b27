import { governance } from '#contracts';
import { describe, expect, it } from '@jest/globals';
import { ToolRegistry } from '../tool/tool.registry.js';
import { isSendPending, NO_TAINT, taintAfter } from './taint.rules.js';

describe('what an action leaves with its run', () => {
  it.each([
    ['file.list@v1', true, {}],
    ['file.read@v1', false, {}],
    ['file.read@v1', true, { read_sensitive: true }],
    ['file.write@v1', true, {}],
    ['shell.run@v1', false, { read_sensitive: true, read_untrusted: true }],
    ['http.request@v1', false, { read_untrusted: true }],
    ['mail.send@v1', false, {}],
    ['secret.use@v1', false, { secrets_used: true }],
    ['rocket.launch@v1', false, { read_sensitive: true, read_untrusted: true }],
    ['constructor@v1', false, { read_sensitive: true, read_untrusted: true }],
  ])('%s on sensitive paths %p: %j', (tool, sensitive, added) => {
    expect(taintAfter(NO_TAINT, { tool, sensitive })).toEqual({ ...NO_TAINT, ...added });
  });

  it('stays', () => {
    const all = { read_sensitive: true, read_untrusted: true, external_send_pending: true, secrets_used: true };
    expect(taintAfter(all, { tool: 'file.list@v1', sensitive: false })).toEqual(all);
  });
});

it.each([
  [[], false],
  [[{ tool: 'mail.send@v1', finished: false }], true],
  [[{ tool: 'mail.send@v1', finished: true }], false],
  [[{ tool: 'shell.run@v1', finished: false }], false],
])('beside %j a send is pending: %p', (others, pending) => {
  expect(isSendPending(others)).toBe(pending);
});

it('every tool there is has its traits, with the effects it declares', () => {
  const registry = new ToolRegistry();
  for (const id of registry.ids()) {
    const { name, effects } = registry.get(id).tool;
    expect([name, governance.TOOL_TRAITS[name]?.effects]).toEqual([name, effects]);
  }
});
