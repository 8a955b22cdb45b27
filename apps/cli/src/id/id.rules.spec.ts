import { describe, expect, it } from '@jest/globals';
import { resolveId, shortId } from './id.rules.js';

const one = '01a1f86c-923a-70bc-85bb-654a6e0d0b66';
const two = '01a1f86c-9399-712c-a017-9bf0f8cda748';

describe('part of an id', () => {
  it.each([
    ['its end as lists show it', shortId(two), two],
    ['a shorter end', 'a748', two],
    ['its beginning', '01a1f86c-92', one],
    ['in upper case', '6E0D0B66', one],
    ['the whole, listed or not', '01a1f86c-0000-7000-8000-000000000000', '01a1f86c-0000-7000-8000-000000000000'],
  ])('%s', (_name, part, id) => {
    expect(resolveId(part, [one, two], 'execution')).toBe(id);
  });

  it.each([
    ['that fits two', '01a1f86c', /fits 2 ids: 01a1f86c-923a/],
    ['that fits none', 'ffff', /no execution whose id begins or ends with "ffff"/],
    ['that is too short', '0b6', /4 characters or more/],
    ['that is no id', 'tidy-up', /is no id/],
    ['that is nothing', '', /is no id/],
  ])('%s is refused', (_name, part, message) => {
    expect(() => resolveId(part, [one, two], 'execution')).toThrow(message);
  });
});
