import { plainText } from '#client';
import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { InvalidUse } from './use.errors.js';
import { type Column, tableLines } from './table.rules.js';

const INTERRUPTED = 130;

/** The terminal this process talks to: answers on standard output, everything else on standard error. */
export class Terminal {
  /** @param width columns; null: as wide as the text */
  constructor(private readonly width: number | null) {}

  /** Whether there is a person to ask. */
  get isInteractive(): boolean {
    return process.stdin.isTTY && process.stderr.isTTY;
  }

  say(...lines: string[]): void {
    for (const line of lines) process.stdout.write(`${line}\n`);
  }

  warn(...lines: string[]): void {
    for (const line of lines) process.stderr.write(`${line}\n`);
  }

  json(value: unknown): void {
    this.say(JSON.stringify(value, null, 2));
  }

  /** One value a line, for programs that read as it comes. */
  jsonLine(value: unknown): void {
    this.say(JSON.stringify(value));
  }

  table(columns: Column[], rows: string[][]): void {
    const [titles, ...lines] = tableLines(
      columns,
      rows.map((row) => row.map(plainText)),
      this.width,
    );
    this.say(styleText('bold', titles!, { stream: process.stdout }), ...lines);
  }

  async ask(question: string, otherwise: string): Promise<string> {
    const asked = this.answer(process.stderr, (lines) => lines.question(`${question} [${otherwise}]: `));
    return (await asked).trim() || otherwise;
  }

  /** Nothing typed is shown. */
  async askHidden(question: string): Promise<string> {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const answer = await this.answer(nowhere, (lines) => {
      // Not before the terminal has stopped echoing, which a quick person would notice.
      process.stderr.write(`${question}: `);
      return lines.question('');
    });
    process.stderr.write('\n');
    return answer;
  }

  /**
   * Standard input, whole, by lines.
   * @throws InvalidUse when a person would have to type it visibly
   */
  async inputLines(): Promise<string[]> {
    if (process.stdin.isTTY) throw new InvalidUse('--password-stdin reads from a pipe, and this is a terminal.');
    return (await text(process.stdin)).split(/\r?\n/);
  }

  /** @param echo where what is typed appears */
  private async answer(echo: NodeJS.WritableStream, ask: (lines: Interface) => Promise<string>): Promise<string> {
    const lines = createInterface({ input: process.stdin, output: echo, terminal: true });
    lines.on('SIGINT', () => {
      process.stderr.write('\n');
      process.exit(INTERRUPTED);
    });
    const ended = new Promise<never>((_, reject) =>
      lines.once('close', () => reject(new InvalidUse('No answer was given.'))),
    );
    try {
      return await Promise.race([ask(lines), ended]);
    } finally {
      lines.close();
    }
  }
}
