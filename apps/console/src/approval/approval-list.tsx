import { Badge, Box, Group, Loader, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { useMe } from '../session/use-me.js';
import { WishSentence } from './approval-action.js';
import { Standing } from './approval-detail.js';
import classes from './approval.module.css';

const ROW_PX = 96;
const AHEAD = 8;

const Row = ({ approval }: { approval: Approval }) => {
  const { user } = useMe();
  const answered = approval.votes.some(({ by, is_void }) => by.id === user.id && !is_void);
  const times = approval.same_as.length + 1;
  return (
    <>
      <Text size="sm" fw={600} component="div">
        <WishSentence approval={approval} clamp={3} />
      </Text>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" c="dimmed" miw={0}>
          <Foreign text={approval.tool} mono clamp={1} />
        </Text>
        {times > 1 && (
          <Badge size="sm" variant="default" className={classes.when} aria-label={`asked for ${times} times`}>
            × {times}
          </Badge>
        )}
        <Text size="xs" c="dimmed" className={classes.when}>
          <Ago at={approval.requested_at} />
        </Text>
      </Group>
      <Standing approval={approval} />
      {approval.status === 'pending' && !approval.can_decide && (
        <Text size="xs" c="dimmed" lineClamp={1} title={approval.cannot_decide_because ?? undefined}>
          {answered ? 'You have answered; others have not' : 'Not yours to answer'}
        </Text>
      )}
    </>
  );
};

/** Puts the focus on a row as soon as it is there. */
export const focusRow = (id: string): void => {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-approval="${id}"]`)?.focus());
};

/** Arrows, Home and End move from row to row; Space looks at the one that has the focus. */
const rowKeys =
  (approvals: readonly Approval[], select: (id: string) => void) =>
  (event: KeyboardEvent, index: number): void => {
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: approvals.length - 1, ' ': index }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const approval = approvals[to];
    if (!approval) return;
    select(approval.id);
    focusRow(approval.id);
  };

/** The approvals of a tab, of which one is being looked at. Only rows in sight exist. */
export const ApprovalList = ({
  label,
  approvals,
  selected,
  select,
  more,
}: {
  label: string;
  approvals: readonly Approval[];
  selected: string | undefined;
  select: (id: string) => void;
  more?: { has: boolean; loading: boolean; fetch: () => void };
}) => {
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: approvals.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
    getItemKey: (index) => approvals[index]!.id,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more?.has && !more.loading && last >= approvals.length - AHEAD) more.fetch();
  }, [more, last, approvals.length]);
  const at = approvals.findIndex(({ id }) => id === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);
  const press = rowKeys(approvals, select);
  return (
    <div ref={place} className={classes.list} role="listbox" aria-label={label} tabIndex={-1}>
      <Box pos="relative" style={{ height: virtual.getTotalSize() }} role="presentation">
        {items.map(({ index, key, start }) => (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            data-approval={approvals[index]!.id}
            role="option"
            aria-selected={index === at}
            aria-setsize={approvals.length}
            aria-posinset={index + 1}
            tabIndex={index === Math.max(0, at) ? 0 : -1}
            className={classes.row}
            style={{ transform: `translateY(${start}px)` }}
            onClick={() => select(approvals[index]!.id)}
            onKeyDown={(event) => press(event, index)}
          >
            <Row approval={approvals[index]!} />
          </div>
        ))}
      </Box>
      {more?.loading && <Loader size={14} m="sm" aria-label="Loading more" />}
    </div>
  );
};
