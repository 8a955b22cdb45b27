import { describe, expect, it } from '@jest/globals';
import { isUuid, uuidv7, uuidv7At, uuidv7Time } from './uuid.js';

describe('UUIDv7', () => {
  it('ids of one process grow, carry their time and are unique', () => {
    const before = Date.now();
    const ids = Array.from({ length: 10_000 }, uuidv7);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(uuidv7Time(ids[0]!)).toBeGreaterThanOrEqual(before);
    expect(uuidv7Time(ids[0]!)).toBeLessThanOrEqual(Date.now());
  });

  it.each([
    [0, '00000000-0000-7000-8000-000000000000'],
    [0x017f22e279b0, '017f22e2-79b0-7000-8000-000000000000'],
    [2 ** 48 - 1, 'ffffffff-ffff-7000-8000-000000000000'],
  ])('the lowest id of millisecond %d is %s', (ms, id) => {
    expect(uuidv7At(ms)).toBe(id);
    expect(uuidv7Time(id)).toBe(ms);
    expect(isUuid(id)).toBe(true);
  });

  it('a bound separates the ids before it from those in or after it', () => {
    const id = uuidv7();
    expect(uuidv7At(uuidv7Time(id)) <= id).toBe(true);
    expect(id < uuidv7At(uuidv7Time(id) + 1)).toBe(true);
  });

  it('reads the example of RFC 9562, appendix A.6', () => {
    expect(uuidv7Time('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toBe(Date.parse('2022-02-22T19:22:22.000Z'));
  });

  it.each([-1, 1.5, NaN, 2 ** 48])('there is no id of millisecond %d', (ms) => {
    expect(() => uuidv7At(ms)).toThrow(expect.objectContaining({ code: 'id.invalid' }));
  });

  it.each(['919108f7-52d1-4320-9bac-f847db4148a8', '017f22e2-79b0-7cc3-18c4-dc0c0c07398f', '', 'x'])(
    '%j carries no time',
    (text) => {
      expect(() => uuidv7Time(text)).toThrow(expect.objectContaining({ code: 'id.invalid' }));
    },
  );
});

describe('isUuid', () => {
  it.each([
    ['919108f7-52d1-4320-9bac-f847db4148a8', true],
    ['919108F7-52D1-4320-9BAC-F847DB4148A8', false],
    ['919108f752d143209bacf847db4148a8', false],
    ['{919108f7-52d1-4320-9bac-f847db4148a8}', false],
    ['919108f7-52d1-4320-9bac-f847db4148a8\n', false],
    ["919108f7-52d1-4320-9bac-f847db4148a'", false],
    [7, false],
    [undefined, false],
  ])('%j: %s', (text, expected) => {
    expect(isUuid(text)).toBe(expected);
  });
});
