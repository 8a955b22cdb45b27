import type { PlantedCode } from './planted.js';

const test = (code: string): string =>
  `import { expect, it, test } from '@jest/globals';\n${code}\nvoid [expect, it, test];`;
const asserted = `async () => expect(await Promise.resolve(1)).toBe(1)`;

/** By rule of eslint.config.js, for what a suffix promises: pure rules, honest tests. */
export const plantedSuffixes: Record<string, PlantedCode> = {
  'house/rules-are-pure': {
    violates: {
      'apps/one/src/now.rules.ts': 'export const now = (): number => Date.now();',
      'apps/one/src/new-date.rules.ts': 'export const year = (): number => new Date().getFullYear();',
      'apps/one/src/random.rules.ts': 'export const pick = (): number => Math.random();',
      'apps/one/src/id.rules.ts': 'export const id = (): string => crypto.randomUUID();',
      'apps/one/src/async.rules.ts': 'export const f = async (): Promise<number> => 1;',
      'apps/one/src/await.rules.ts': 'export const one = await import.meta.resolve("one");',
      'apps/one/src/promise.rules.ts': 'export const f = (): Promise<number> => Promise.resolve(1);',
      'apps/one/src/timer.rules.ts': 'export const f = (): unknown => setTimeout(() => {}, 1);',
      'apps/gateway/src/ask.rules.ts': `export const f = (): unknown => fetch('/');`,
      'apps/one/src/platform.rules.ts': 'export const f = (): string => process.platform;',
      'libs/snapshots/src/lazy.rules.ts': `export const f = (): unknown => import('node:fs');`,
    },
    allowed: {
      'apps/one/src/dated.rules.ts':
        'export const isDue = (at: Date, now: Date): boolean => at.getTime() <= now.getTime();',
      'apps/one/src/largest.rules.ts': 'export const largest = (a: number, b: number): number => Math.max(a, b);',
      'apps/one/src/now.service.ts': 'export const now = async (): Promise<number> => Date.now();',
    },
  },
  'house/tests-all-run': {
    violates: {
      'apps/one/src/only.spec.ts': test(`it.only('is alone', ${asserted});`),
      'apps/one/src/skipped.rules.spec.ts': test(`test.skip('is left out', ${asserted});`),
      'apps/one/src/crossed.spec.ts': test(`import { xit } from '@jest/globals';\nxit('is crossed out', ${asserted});`),
      'apps/one/src/table.db.spec.ts': test(`it.skip.each([1])('%s', ${asserted});`),
      'apps/one/test/later.test.ts': test(`it.todo('is written later');`),
      'e2e/broken.test.ts': test(`it.failing('is broken', ${asserted});`),
    },
    allowed: {
      'apps/one/src/root.spec.ts': test(`(process.getuid?.() === 0 ? test : test.skip)('as root', ${asserted});`),
      'apps/one/src/skip.ts': 'export const f = (it: { skip(): void }): void => it.skip();',
    },
  },
  'house/tests-never-sleep': {
    violates: {
      'apps/one/src/sleep.spec.ts':
        'export const wait = (): Promise<void> => new Promise((done) => setTimeout(done, 50));',
      'apps/one/test/sleep.test.ts': `import { setTimeout as delay } from 'node:timers/promises';\nawait delay(50);`,
    },
    allowed: {
      'apps/one/src/fault.spec.ts': 'export const f = (kill: () => void): unknown => setTimeout(kill, 50);',
      'bench/load.mjs': `import { setTimeout as pause } from 'node:timers/promises';\nawait pause(50);`,
      'e2e/chaos/storm.ts': `import { setTimeout as pause } from 'node:timers/promises';\nawait pause(50);`,
      'apps/one/src/turn.spec.ts': `import { setImmediate } from 'node:timers/promises';\nawait setImmediate();`,
      'libs/testing/src/until.ts':
        'export const wait = (): Promise<void> => new Promise((done) => setTimeout(done, 10));',
    },
  },
  'house/tests-expect-results': {
    violates: {
      'apps/one/src/true.spec.ts': test(`it('is true', () => expect(true).toBe(true));`),
      'apps/one/test/nothing.test.ts': test(`it('is nothing', () => expect().toBe(undefined));`),
    },
    allowed: { 'apps/one/src/result.spec.ts': test(`it('is one', ${asserted});`) },
  },
};
