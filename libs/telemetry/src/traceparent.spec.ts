import { describe, expect, it } from '@jest/globals';
import { childOf, spanContextOf, traceIdOf, traceparentOf, untraced } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

describe('a traceparent', () => {
  it('of a child keeps the trace and its flags, and has a span of its own', () => {
    expect(childOf(PARENT)).toMatch(new RegExp(`^00-${TRACE}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
    expect(childOf(PARENT.replace(/01$/, '00'))).toMatch(/-00$/);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    [PARENT, PARENT],
    `${PARENT}, ${PARENT}`,
    PARENT.toUpperCase(),
    PARENT.replace('00-', '01-'),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `${PARENT}-more`,
  ])('that is none (%j) begins a new trace', (given) => {
    const child = childOf(given);
    expect(spanContextOf(given)).toBeNull();
    expect(child).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceIdOf(child)).not.toBe(TRACE);
  });

  it('comes back from a span context', () => {
    expect(traceparentOf(spanContextOf(PARENT)!)).toBe(PARENT);
    expect(spanContextOf(PARENT.replace(/01$/, '03'))?.traceFlags).toBe(1);
  });

  it('of work that goes on is not sampled, in the same trace', () => {
    expect(untraced({ trace: PARENT, team: 'a' })).toEqual({ trace: PARENT.replace(/01$/, '00'), team: 'a' });
    expect(untraced<{ team: string; trace?: string }>({ team: 'a' })).toEqual({ team: 'a' });
  });
});
