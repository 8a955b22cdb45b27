import type { BundleProblem } from './policy.errors.js';

/**
 * Cedar's parser and evaluator recurse. Text that is too deep kills the WASM instance for every later call, so text is
 * lexed here before Cedar sees any of it. Brackets are not the only depth: `a + a + …`, `a.b.c…` and `if … else if …`
 * nest without any, hence a limit on links (operators, member accesses, conditionals) per statement.
 */
export const MAX_NESTING = 64;
export const MAX_LINKS = 128;
export const MAX_TEXT_BYTES = 256 * 1024;

export interface Statement {
  /** From the first token to the closing semicolon. */
  text: string;
  line: number;
}

export type Scan = { statements: Statement[] } | { problem: BundleProblem };

/** Comments end at \r as well as \n, as in Cedar's own lexer: otherwise brackets could hide behind a lone \r. */
const TOKEN =
  /(?<space>\s+|\/\/[^\n\r]*)|(?<string>"(?:\\[^]|[^"\\])*")|(?<word>[A-Za-z_]\w*)|(?<link>&&|\|\||[+\-*.])|(?<open>[([{])|(?<close>[)\]}])|(?<end>;)|(?<other>[^"])/gy;

const lineBreaks = (text: string): number => text.split('\n').length - 1;

/**
 * Splits Cedar text (policies or a schema) into its statements; refuses what could harm the engine. In a schema `<`
 * opens a type argument; in a policy it compares.
 */
export function scanText(file: string, text: string, kind: 'policy' | 'schema'): Scan {
  const refuse = (line: number, message: string): Scan => ({ problem: { file, line, message } });
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) return refuse(1, `text is longer than ${MAX_TEXT_BYTES / 1024} KiB`);

  const statements: Statement[] = [];
  let [line, nesting, links, at] = [1, 0, 0, 0];
  let start: { at: number; line: number } | undefined;
  for (const { 0: token, groups = {} } of text.matchAll(TOKEN)) {
    if (groups.space === undefined) start ??= { at, line };
    const opens = groups.open !== undefined || (kind === 'schema' && token === '<');
    const closes = groups.close !== undefined || (kind === 'schema' && token === '>');
    if (opens) nesting += 1;
    if (closes) nesting -= 1;
    if (groups.link !== undefined || token === 'if' || token === '[') links += 1;
    at += token.length;
    line += lineBreaks(token);
    if (nesting > MAX_NESTING) return refuse(line, `brackets are nested deeper than ${MAX_NESTING}`);
    if (nesting < 0) return refuse(line, 'a bracket closes that was never opened');
    if (links > MAX_LINKS && kind === 'policy') return refuse(line, `a policy has more than ${MAX_LINKS} operators`);
    if (start && groups.end !== undefined && nesting === 0) {
      statements.push({ text: text.slice(start.at, at), line: start.line });
      start = undefined;
      links = 0;
    }
  }
  if (at < text.length) return refuse(line, 'a string never ends');
  if (nesting > 0) return refuse(start?.line ?? line, 'a bracket is never closed');
  if (start && kind === 'policy') return refuse(start.line, 'a policy ends without a semicolon');
  return { statements };
}

/** Line of a byte offset (as Cedar reports them) in a text that starts at `firstLine`. */
export const lineAt = (text: string, byteOffset: number, firstLine = 1): number =>
  firstLine + lineBreaks(Buffer.from(text).subarray(0, byteOffset).toString());
