import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  actionDigest,
  type ActionIdentity,
  type ActionKey,
  actionKeyText,
  idempotencyKey,
  parseActionKey,
} from './action-digest.js';
import { isAppError } from './app-error.js';
import { digestOf, isDigest, sha256 } from './digest.js';
import type { JsonObject, JsonValue } from './json.types.js';
import { parseStrictJson } from './strict-json.js';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'accepted';
};

const identity: ActionIdentity = {
  team: '0190a1bc-0000-7000-8000-000000000001',
  agent: { id: '0190a1bc-0000-7000-8000-000000000002', version: '3' },
  tool: { name: 'file.write', version: '1', manifest_digest: sha256('manifest') },
  arguments: { path: 'notes/a.txt', content: 'héllo', mode: 420, flags: [true, null] },
  target: { kind: 'path', root: '/srv/project' },
};

/** Every path to a leaf. */
const leaves = (value: unknown, path: string[] = []): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]))
    : [path];

const withLeaf = (value: unknown, [name, ...rest]: string[], leaf: JsonValue): unknown => {
  if (name === undefined) return leaf;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[name] = withLeaf(copy[name], rest, leaf);
  return copy;
};

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, shuffled(member)]),
  );
};

describe('digests', () => {
  it('are SHA-256 over UTF-8', () => {
    expect(sha256('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('é')).toBe(sha256(new Uint8Array([0xc3, 0xa9])));
    expect(digestOf({ b: 1, a: [] })).toBe(sha256('{"a":[],"b":1}'));
  });

  it.each([
    [sha256(''), true],
    [sha256('').toUpperCase(), false],
    [`${sha256('')}\n`, false],
    [sha256('').slice(7), false],
    ['sha256:', false],
    [null, false],
  ])('isDigest(%j) is %s', (text, expected) => {
    expect(isDigest(text)).toBe(expected);
  });
});

describe('the digest of an action', () => {
  it('is the digest of the documented value', () => {
    expect(actionDigest(identity)).toBe(digestOf({ v: 1, ...identity }));
  });

  it('changes with any leaf', () => {
    const paths = leaves(identity);
    expect(paths).toHaveLength(13);
    const digests = paths.map((path) => {
      const leaf = path.at(-1) === 'manifest_digest' ? sha256('another manifest') : 'another';
      return actionDigest(withLeaf(identity, path, leaf) as ActionIdentity);
    });
    expect(new Set([actionDigest(identity), ...digests]).size).toBe(paths.length + 1);
  });

  it('changes with any leaf of any arguments', () => {
    const args = fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()), {
      minKeys: 1,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(args, fc.nat(), fc.oneof(fc.string(), fc.integer()), (value, pick, leaf) => {
        const paths = leaves(value);
        const path = paths[pick % paths.length]!;
        fc.pre(value[path[0]!] !== leaf);
        const changed = withLeaf(value, path, leaf) as JsonObject;
        expect(actionDigest({ ...identity, arguments: changed })).not.toBe(
          actionDigest({ ...identity, arguments: value }),
        );
      }),
    );
  });

  it('does not change with the order of members or with white space', () => {
    const spaced = parseStrictJson(JSON.stringify(shuffled(identity), null, '\t \n')) as unknown as ActionIdentity;
    expect(Object.keys(spaced)[0]).toBe('target');
    expect(actionDigest(spaced)).toBe(actionDigest(identity));
  });

  it('counts the digested fields only', () => {
    expect(actionDigest({ ...identity, thought: 'x' } as ActionIdentity)).toBe(actionDigest(identity));
  });

  it('keeps Unicode as it is: composed and decomposed differ', () => {
    const decomposed = { ...identity, arguments: { ...(identity.arguments as JsonObject), content: 'he\u0301llo' } };
    expect(actionDigest(decomposed)).not.toBe(actionDigest(identity));
  });

  it.each([
    [['team'], ''],
    [['agent', 'id'], ''],
    [['agent', 'version'], 3],
    [['tool', 'name'], null],
    [['tool', 'version'], undefined],
    [['tool', 'manifest_digest'], 'latest'],
    [['arguments'], undefined],
    [['target'], undefined],
  ])('is refused when %j is %j', (path, leaf) => {
    const incomplete = withLeaf(identity, path, leaf as JsonValue) as ActionIdentity;
    expect(codeOf(() => actionDigest(incomplete))).toBe('action.identity_incomplete');
  });
});

describe('the key of an action', () => {
  const key: ActionKey = { execution_id: '0190a1bc-0000-7000-8000-00000000000a', step: 2, index: 0 };
  const text = '0190a1bc-0000-7000-8000-00000000000a/2/0';

  it('has one text, which reads back', () => {
    expect(actionKeyText(key)).toBe(text);
    expect(parseActionKey(text)).toEqual(key);
  });

  it.each([
    '',
    'x/1/0',
    text.toUpperCase(),
    text.replace('/2/', '/02/'),
    text.replace('/2/', '/-2/'),
    text.replace('/2/', '/2.0/'),
    text.replace('/2/', '/1e3/'),
    `${text}/0`,
    `${text}\n`,
    ` ${text}`,
    text.replace('/2/', `/${'9'.repeat(12)}/`),
    `${'-'.repeat(36)}/1/0`,
  ])('%j is not one', (bad) => {
    expect(codeOf(() => parseActionKey(bad))).toBe('action.key_invalid');
  });

  it.each([{ step: -1 }, { step: 1.5 }, { index: -1 }, { index: NaN }, { step: 1e9 }, { execution_id: 'a/b' }])(
    '%j is refused',
    (part) => {
      expect(codeOf(() => actionKeyText({ ...key, ...part }))).toBe('action.key_invalid');
    },
  );

  it('derives an idempotency key that only the key decides', () => {
    expect(idempotencyKey(key)).toMatch(/^[0-9a-f]{64}$/);
    expect(idempotencyKey({ index: 0, step: 2, execution_id: key.execution_id })).toBe(idempotencyKey(key));
    const keys = [
      key,
      { ...key, step: 20 },
      { ...key, index: 1 },
      { ...key, execution_id: text.replace('a/2/0', 'b') },
    ];
    expect(new Set(keys.map(idempotencyKey)).size).toBe(keys.length);
    expect(idempotencyKey(key)).not.toContain(key.execution_id);
  });
});
