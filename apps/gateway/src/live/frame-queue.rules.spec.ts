import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameQueue } from './frame-queue.rules.js';

const frame = (seq: number) => ({ seq });

const drain = (queue: FrameQueue<{ seq: number }>): number[] => {
  const taken: number[] = [];
  for (let next = queue.take(); next; next = queue.take()) taken.push(next.seq);
  return taken;
};

describe('a frame queue', () => {
  it.each([
    ['in order', 0, [1, 2, 3], [1, 2, 3], false],
    ['shuffled', 0, [3, 1, 2], [1, 2, 3], false],
    ['twice', 0, [1, 1, 2, 1, 2], [1, 2], false],
    ['with one missing', 0, [1, 3, 4], [1], true],
    ['old ones of a resumed client', 5, [3, 4, 5, 6], [6], false],
    ['only later ones', 5, [8], [], true],
    ['nothing', 0, [], [], false],
  ])('frames %s', (_name, after, offered, taken, gap) => {
    const queue = new FrameQueue(after);
    for (const seq of offered) queue.offer(frame(seq));
    expect(drain(queue)).toEqual(taken);
    expect(queue.hasGap).toBe(gap);
  });

  it('closes a gap from the journal and goes on with what waited', () => {
    const queue = new FrameQueue(0);
    for (const seq of [1, 4, 5]) queue.offer(frame(seq));
    expect(drain(queue)).toEqual([1]);
    for (const seq of [2, 3, 4]) queue.offer(frame(seq));
    expect(drain(queue)).toEqual([2, 3, 4, 5]);
  });

  it('starts again where the client says, forward or back', () => {
    const queue = new FrameQueue(0);
    for (const seq of [1, 2, 3, 9]) queue.offer(frame(seq));
    expect(drain(queue)).toEqual([1, 2, 3]);
    queue.rewind(1);
    expect(queue.hasGap).toBe(false);
    for (const seq of [1, 2, 3]) queue.offer(frame(seq));
    expect(drain(queue)).toEqual([2, 3]);
    queue.rewind(7);
    for (const seq of [4, 8]) queue.offer(frame(seq));
    expect(drain(queue)).toEqual([8]);
  });

  it('keeps at most 256 frames that came early, and still takes the one whose turn it is', () => {
    const queue = new FrameQueue(0);
    for (let seq = 2; seq <= 1_000; seq += 1) queue.offer(frame(seq));
    queue.offer(frame(1));
    expect(drain(queue)).toEqual(Array.from({ length: 257 }, (_, n) => n + 1));
  });

  it('delivers every number once and in order, however live frames are lost, doubled and shuffled', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }),
        fc.array(
          fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant('read' as const), fc.constant('clear' as const)),
        ),
        (after, events) => {
          const newest = 40;
          const queue = new FrameQueue(after);
          const taken: number[] = [];
          const read = () => {
            for (let seq = queue.after + 1; seq <= newest; seq += 1) {
              queue.offer(frame(seq));
              taken.push(...drain(queue));
            }
          };
          for (const event of events) {
            if (event === 'read') read();
            else if (event === 'clear') queue.clear();
            else queue.offer(frame(event));
            taken.push(...drain(queue));
          }
          read();
          expect(taken).toEqual(Array.from({ length: newest - after }, (_, n) => after + 1 + n));
        },
      ),
    );
  });
});
