import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { languageFor, Renderer, splitTemplate, type Scope } from './expression.rules.js';
import { MAX_COST } from './meter.rules.js';
import { inputsToCel } from './inputs.rules.js';
import type { InputDeclaration } from './playbook.types.js';
import { fromCel, ResultBudget, toCel } from './value.rules.js';

const declarations: Record<string, InputDeclaration> = {
  n: { type: 'integer', required: true },
  ratio: { type: 'number', required: true },
  names: { type: 'list', required: true },
  ['constructor']: { type: 'string', required: true } as InputDeclaration,
  note: { type: 'string', required: false },
};
const inputs = { n: 3, ratio: 2, names: ['b', 'a', 1], constructor: 'own', note: null };

function render(text: string, item: unknown = null): unknown {
  const scope: Scope = {
    inputs: inputsToCel(declarations, inputs),
    steps: new Map([
      [
        'scan',
        toCel({
          result: {
            entries: [
              { path: 'a/x.js', size: 5 },
              { path: 'b', size: 0 },
            ],
          },
        }),
      ],
    ]),
    item: toCel(item),
    index: 4n,
  };
  return new Renderer(languageFor(declarations)).text(text, scope);
}

describe('a text with expressions', () => {
  test.each<[string, unknown]>([
    ['plain', 'plain'],
    ['${{ inputs.n + 1 }}', 4],
    ['${{ inputs.ratio / 4.0 }}', 0.5],
    ['${{ inputs.names }}', ['b', 'a', 1]],
    ['${{ inputs.note == null }}', true],
    ['${{ inputs.constructor }}', 'own'],
    ['n=${{ inputs.n }}, ${{ inputs.names }}${{ inputs.note }}.', 'n=3, ["b","a",1].'],
    [' ${{ 1 }}', ' 1'],
    ['${{ steps.scan.result.entries.filter(e, e.size > 1).map(e, e.path) }}', ['a/x.js']],
    ['${{ steps.scan.result.entries.exists(e, e.path.endsWith(".js")) }}', true],
    [
      '${{ steps.scan.result.entries.map(e, {"p": e.path, "big": e.size >= 5}) }}',
      [
        { p: 'a/x.js', big: true },
        { p: 'b', big: false },
      ],
    ],
    ["${{ {'a': {'b': '}}'}} }}", { a: { b: '}}' } }],
    ["${{ '${{ not expanded }}' }}", '${{ not expanded }}'],
    [String.raw`${'$'}{{ r'\d}}' + "\"}}" }}`, String.raw`\d}}"}}`],
    ["${{ '''it's}}''' }}", "it's}}"],
    ['${{ string(index) + item.path }}', '4p'],
    ['${{ has(item.path) && !has(item.other) }}', true],
  ])('%j yields %j', (text, value) => {
    expect(render(text, { path: 'p' })).toEqual(value);
  });

  test('data that looks like an expression is never expanded', () => {
    expect(render('${{ item.path }}', { path: '${{ inputs.n }}' })).toBe('${{ inputs.n }}');
    expect(render('x ${{ item.path }}', { path: '${{ inputs.n }}' })).toBe('x ${{ inputs.n }}');
  });

  test.each<[string, RegExp]>([
    ['${{ item.missing }}', /No such key: missing/],
    ['${{ 9223372036854775807 }}', /outside ±9007199254740991/],
    ['${{ 1.0 / 0.0 }}', /not a finite number/],
    ['${{ 1 / 0 }}', /division by zero/],
    ["${{ b'ab' }}", /not text, a number/],
    ['${{ inputs.names.join(",") }}', /only strings/],
  ])('%j fails', (text, message) => {
    expect(() => render(text)).toThrow(message);
  });

  test('the pieces of any text put together are the text', () => {
    const piece = fc.constantFrom('${{', '}}', '{', '}', "'", '"', '\\', 'r', 'a', ' ', '"""');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
        (text) => {
          const template = splitTemplate(text);
          if (!template.ok) return expect(text.startsWith('${{', template.offset)).toBe(true);
          const again = template.pieces
            .map((one) => (one.kind === 'literal' ? one.text : `\${{${one.text}}}`))
            .join('');
          expect(again).toBe(text);
        },
      ),
      { numRuns: 2000, seed: 3 },
    );
  });

  test('JSON data goes in and comes out unchanged', () => {
    const keys = fc.string({ maxLength: 5 }).filter((key) => key !== '__proto__');
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false, 0, -1, 0.5, 2 ** 53 - 1),
        fc.string(),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(keys, tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (data) => {
        expect(fromCel(toCel(data), new ResultBudget())).toEqual(JSON.parse(JSON.stringify(data)));
        expect(render('${{ item }}', data)).toEqual(JSON.parse(JSON.stringify(data)));
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});

describe('work and size are bounded', () => {
  const long = Array.from({ length: 10_000 }, (_, i) => `path/${i}`);

  test('a filter over 10,000 entries is well within the bounds', () => {
    expect(
      render('${{ item.filter(p, p.startsWith("path/1") && p.endsWith("0")).map(p, p + "x").size() }}', long),
    ).toBe(111);
  });

  test.each<[string, unknown]>([
    ['item.map(a, item.map(b, a))', long],
    ['item.exists(a, item.exists(b, a == b + "!"))', long],
    ['item.exists(a, item.all(b, item.exists(c, a == b + c))) || true', long],
    ['true || item.exists(a, false) || item.all(a, a in item)', long],
    ['item.all(a, a in item)', long],
    ['[item].map(a, a.map(b, a)).map(c, c.map(d, c)).map(e, e.map(f, e)) == [item, item]', long],
    ['item.split("")', 'x'.repeat(1_000_000)],
    [
      '[item].map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x)',
      'x'.repeat(1_000_000),
    ],
  ])('%s is stopped, or decided without the work', (text, item) => {
    const outcome = () => render(`\${{ ${text} }}`, item);
    if (text.startsWith('true ||')) expect(outcome()).toBe(true);
    else expect(outcome).toThrow(`more than ${MAX_COST} units of work`);
  });

  test('a small value that refers to itself many times does not come out large', () => {
    const twenty = Array.from({ length: 20 }, (_, i) => i);
    const grow = 'map(a, a.map(b, a)).map(c, c.map(d, c)).map(e, e.map(f, e)).map(g, g.map(h, g))';
    expect(() => render(`\${{ [item].${grow} }}`, twenty)).toThrow('the results of one step exceed');
  });

  test('what one Renderer did before counts', () => {
    const renderer = new Renderer(languageFor({}));
    const scope: Scope = { inputs: new Map(), steps: new Map(), item: toCel(long) };
    const once = () => renderer.text('${{ item.filter(p, p.contains("77")).size() }}', scope);
    expect(once()).toBe(280);
    expect(() => Array.from({ length: 100 }, once)).toThrow(`more than ${MAX_COST} units of work`);
  });

  test('the same expression costs the same every time', () => {
    const limit = (length: number) => {
      try {
        render('${{ item.all(a, item.all(b, a != b + "!")) }}', long.slice(0, length));
        return true;
      } catch {
        return false;
      }
    };
    expect([150, 700, 150, 700].map(limit)).toEqual([true, false, true, false]);
  });
});
