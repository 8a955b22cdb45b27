import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { BundleProblem } from './policy.errors.js';
import type { Place } from './policy.types.js';

/** A YAML file whose every node knows its line. Duplicate keys and aliases are refused. */
export class YamlFile {
  readonly value: unknown;
  readonly problems: BundleProblem[];
  private readonly lines = new LineCounter();
  private readonly document: Document;

  constructor(
    private readonly file: string,
    text: string,
  ) {
    this.document = parseDocument(text, { lineCounter: this.lines, uniqueKeys: true, prettyErrors: false });
    const errors = [...this.document.errors, ...this.document.warnings];
    this.problems = errors.map(({ message, pos }) => ({ file, line: this.lines.linePos(pos[0]).line, message }));
    this.value = errors.length > 0 ? null : this.read();
  }

  place(path: (string | number)[]): Place {
    const node = path.length === 0 ? this.document.contents : this.document.getIn(path, true);
    const start = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    return { file: this.file, line: this.lines.linePos(start).line };
  }

  problem(path: (string | number)[], message: string): BundleProblem {
    return { ...this.place(path), message };
  }

  private read(): unknown {
    try {
      return this.document.toJS({ maxAliasCount: 0 });
    } catch (error) {
      this.problems.push({ file: this.file, line: 1, message: error instanceof Error ? error.message : String(error) });
      return null;
    }
  }
}
