import { describe, expect, it } from '@jest/globals';
import { judgeStream, type Remembered, type Seen, type StreamVerdict } from './relay.rules.js';

const intact: StreamVerdict = { verdict: 'intact' };
const lostAbove = (keptUpTo: number): StreamVerdict => ({ verdict: 'lost', keptUpTo });

describe('whether the stream still holds what was sent', () => {
  const cases: [string, Partial<Remembered>, Partial<Seen>, StreamVerdict][] = [
    ['the newest fact is where it was', {}, {}, intact],
    ['nothing was ever sent', { created: null, seq: 0, witness: null, kept: false }, { last: null }, intact],
    ['the stream was made again', {}, { created: 'tuesday' }, lostAbove(0)],
    [
      'made again, and nothing had been sent',
      { witness: null, seq: 0 },
      { created: 'tuesday', last: null },
      lostAbove(0),
    ],
    ['the newest fact is gone', {}, { last: null }, lostAbove(0)],
    ['it is gone because it was old', { kept: false }, { last: null }, intact],
    ['an earlier fact is the newest', {}, { last: { id: 'a', seq: 7 } }, lostAbove(7)],
    ['a later one is: it was sent and not marked', {}, { last: { id: 'c', seq: 12 } }, intact],
    ['its number belongs to another fact', {}, { last: { id: 'c', seq: 9 } }, lostAbove(0)],
  ];
  it.each(cases)('%s', (_, remembered, seen, expected) => {
    const verdict = judgeStream(
      { created: 'monday', seq: 9, witness: 'b', kept: true, ...remembered },
      { created: 'monday', last: { id: 'b', seq: 9 }, ...seen },
    );
    expect(verdict).toEqual(expected);
  });
});
