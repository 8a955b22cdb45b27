const HASH_WIDTH = 7;

/** 32-bit FNV-1a over UTF-16 code units (Fowler, Noll, Vo; IETF draft-eastlake-fnv). Not for anything an adversary must not collide. */
export function fnv32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // One avalanche round: FNV's low bits are weak for short texts, and the Bloom filter uses them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** The same hash as exactly seven base-36 characters, so that lists of them pack without separators. */
export const hash7 = (text: string): string => fnv32(text).toString(36).padStart(HASH_WIDTH, '0');

export function unpack(packed: string): string[] {
  const list: string[] = [];
  for (let i = 0; i + HASH_WIDTH <= packed.length; i += HASH_WIDTH) list.push(packed.slice(i, i + HASH_WIDTH));
  return list;
}

/**
 * Equal for equal values whatever the order of their keys. Total, unlike canonical JSON, because foreign traces hold numbers
 * and strings that have no canonical form; so it only compares calls inside one run and is never signed.
 */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${stableText(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
