import { Group, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import classes from './diff-view.module.css';
import { type DiffLine, parseDiff } from './diff.rules.js';

const LINE_PX = 20;
const AHEAD = 20;
const SIGNS: Record<DiffLine['kind'], string> = { added: '+', removed: '−', context: ' ', range: '', remark: '' };
const SPOKEN: Partial<Record<DiffLine['kind'], string>> = { added: 'added: ', removed: 'removed: ' };

const Line = ({ line: { kind, text, before, after } }: { line: DiffLine }) => (
  <>
    <span className={classes.number}>{before}</span>
    <span className={classes.number}>{after}</span>
    <span className={classes.sign} aria-hidden>
      {SIGNS[kind]}
    </span>
    <span className={classes.text}>
      {SPOKEN[kind] && <span className="sr-only">{SPOKEN[kind]}</span>}
      <Foreign text={text} />
    </span>
  </>
);

/** A unified diff of one file, line by line. However long: only the lines in sight exist. */
export const DiffView = ({ path, diff }: { path: string; diff: string }) => {
  const place = useRef<HTMLDivElement>(null);
  const { lines, added, removed, cut } = useMemo(() => parseDiff(diff), [diff]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => LINE_PX,
    overscan: AHEAD,
  });
  return (
    <div>
      <Group gap="sm" px="sm" py={4} className={classes.sum}>
        <Text span size="xs" c="var(--low)" fw={600}>
          +{added} <span className="sr-only">lines added</span>
        </Text>
        <Text span size="xs" c="var(--critical)" fw={600}>
          −{removed} <span className="sr-only">lines removed</span>
        </Text>
        {cut && (
          <Text span size="xs" c="dimmed">
            in the part that is shown
          </Text>
        )}
      </Group>
      <div
        ref={place}
        className={classes.place}
        role="region"
        tabIndex={0}
        aria-label={`What changes in ${visible(path)}`}
      >
        <div className={classes.lines} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              data-kind={lines[index]!.kind}
              className={classes.line}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Line line={lines[index]!} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
};
