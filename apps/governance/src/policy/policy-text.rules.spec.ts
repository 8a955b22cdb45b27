import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineAt, MAX_LINKS, MAX_NESTING, MAX_TEXT_BYTES, scanText } from './policy-text.rules.js';

const permit = (condition: string) => `permit (principal, action, resource) when { ${condition} };`;

describe('splitting', () => {
  it('finds each policy at its line, without the comments before it', () => {
    const text =
      '// about\n\n@id("a")\npermit (principal, action, resource);\n// ; next\nforbid (\n  principal, action, resource) ;\n// end\n';
    expect(scanText('f', text, 'policy')).toEqual({
      statements: [
        { text: '@id("a")\npermit (principal, action, resource);', line: 3 },
        { text: 'forbid (\n  principal, action, resource) ;', line: 6 },
      ],
    });
  });

  it.each(['"a;b"', '"\\";("', '"//"', '"{[("'])('reads %s as one string', (string) => {
    const { statements } = scanText('f', permit(`principal.name == ${string}`), 'policy') as { statements: unknown[] };
    expect(statements).toHaveLength(1);
  });

  it('loses no character but comments and space', () => {
    const piece = fc.constantFrom('a', '"x;y"', ';', ' ', '\n', '// c\n', '==', '(a)', '[1]');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = `${pieces.join(' ')} ;`;
        const scan = scanText('f', text, 'policy');
        if ('problem' in scan) throw new Error(scan.problem.message);
        const bare = (value: string) => value.replace(/\/\/ c\n/g, '').replace(/\s/g, '');
        expect(bare(scan.statements.map((statement) => statement.text).join(''))).toBe(bare(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('refused before Cedar sees it', () => {
  const deep = (open: string, close: string, count: number) => open.repeat(count) + close.repeat(count);
  it.each([
    ['brackets', permit(deep('(', ')', MAX_NESTING)), 1, /nested deeper/],
    ['brackets of several kinds', `\n${deep('([{', '}])', 22)};`, 2, /nested deeper/],
    [
      'brackets after a string that holds closing ones',
      permit(`"))))" == ${deep('(', ')', MAX_NESTING)}`),
      1,
      /nested deeper/,
    ],
    ['operators', permit('true || '.repeat(MAX_LINKS + 1) + 'true'), 1, /more than 128 operators/],
    ['length in bytes, not characters', `// ${'é'.repeat(MAX_TEXT_BYTES / 2)}`, 1, /longer than 256 KiB/],
    ['an open string', 'permit\n("a;', 2, /string never ends/],
    ['an open bracket', '\npermit (', 2, /never closed/],
    ['a stray bracket', 'permit );', 1, /never opened/],
    ['a missing semicolon', '\n\npermit (principal, action, resource)', 3, /without a semicolon/],
  ])('too much or too little: %s', (_name, text, line, message) => {
    expect(scanText('f.cedar', text, 'policy')).toEqual({
      problem: { file: 'f.cedar', line, message: expect.stringMatching(message) },
    });
  });

  it('counts type arguments of a schema as brackets, comparisons of a policy not', () => {
    const type = `type T = ${'Set<'.repeat(65)}Long${'>'.repeat(65)};`;
    expect(scanText('f', type, 'schema')).toHaveProperty('problem');
    expect(scanText('f', permit('1 < 2'), 'policy')).toHaveProperty('statements');
    expect(scanText('f', permit('2 > 1'), 'policy')).toHaveProperty('statements');
  });

  it('counts operators for each policy alone', () => {
    expect(scanText('f', permit('true && '.repeat(100) + 'true').repeat(5), 'policy')).toHaveProperty('statements');
  });
});

it('finds the line of a byte offset behind wide characters', () => {
  expect(lineAt('é\né\nx', 6, 10)).toBe(12);
});
