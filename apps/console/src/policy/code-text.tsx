import { memo, useEffect, useMemo, useRef } from 'react';
import classes from './policy.module.css';

/** Where to go in a text; a new object goes there again. */
export interface Jump {
  /** From 1. */
  line: number;
}

const Line = memo(({ number, text, marked }: { number: number; text: string; marked: boolean }) => (
  <div className={classes.line} data-line={number} data-mark={marked || undefined}>
    <span>{text === '' ? '\u200b' : text}</span>
  </div>
));

const selectLine = (area: HTMLTextAreaElement, lines: readonly string[], line: number): void => {
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
};

/**
 * The text of one file, with line numbers and marks. A plain text field, so keyboard, undo, search and screen readers are the
 * browser's own. `write` absent: it can only be read.
 */
export const CodeText = ({
  label,
  text,
  write,
  marks,
  jump,
}: {
  label: string;
  text: string;
  write?: (text: string) => void;
  marks?: ReadonlyMap<number, string>;
  jump?: Jump | null;
}) => {
  const place = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = useMemo(() => text.split('\n'), [text]);
  const known = useRef(lines);
  useEffect(() => {
    known.current = lines;
  }, [lines]);
  useEffect(() => {
    if (!jump || !area.current) return;
    const line = Math.min(jump.line, known.current.length);
    place.current?.querySelector(`[data-line="${line}"]`)?.scrollIntoView({ block: 'center' });
    selectLine(area.current, known.current, line);
  }, [jump]);
  return (
    <div className={classes.code} ref={place}>
      <div className={classes.sheet}>
        <div className={classes.mirror} aria-hidden>
          {lines.map((line, at) => (
            <Line key={at} number={at + 1} text={line} marked={marks?.has(at + 1) ?? false} />
          ))}
        </div>
        <textarea
          ref={area}
          className={classes.area}
          aria-label={label}
          aria-invalid={(marks?.size ?? 0) > 0 || undefined}
          value={text}
          readOnly={!write}
          onChange={({ currentTarget }) => write?.(currentTarget.value)}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
        />
      </div>
    </div>
  );
};
