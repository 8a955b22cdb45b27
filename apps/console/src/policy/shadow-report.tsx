import { Anchor, Group, Stack, Text } from '@mantine/core';
import type { Policy } from '#client/browser';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { ToneBadge } from '../page/tone-badge.js';
import { type Column, DataTable } from '../table/data-table.js';
import { becauseText, outcomeWords } from './policy.rules.js';

type Shadow = NonNullable<Policy['shadow']>;
type Flip = Shadow['flips'][number];

const Turn = ({ from, to }: { from: string; to: string }) => (
  <Group gap={4}>
    <ToneBadge {...outcomeWords(from)} />
    <ArrowRight size={14} aria-label="becomes" role="img" />
    <ToneBadge {...outcomeWords(to)} />
  </Group>
);

const columns: Column<Flip>[] = [
  {
    title: 'Action',
    width: 'minmax(10rem, 2fr)',
    headline: true,
    cell: ({ summary, execution_id, step }) => (
      <Anchor
        size="sm"
        renderRoot={(props) => (
          <Link to="/executions/$id" params={{ id: execution_id }} hash={`step-${step}`} data-row {...props} />
        )}
      >
        <Foreign text={summary} clamp={3} />
      </Anchor>
    ),
  },
  { title: 'Decision', width: 'minmax(8rem, 1fr)', cell: (flip) => <Turn {...flip} /> },
  {
    title: 'Because of',
    width: 'minmax(8rem, 1fr)',
    from: 640,
    cell: (flip) => (
      <Text size="xs" c="dimmed" component="div">
        <Foreign text={becauseText(flip)} clamp={3} />
      </Text>
    ),
  },
  {
    title: 'Decided',
    width: '6rem',
    from: 820,
    cell: ({ at }) => (
      <Text size="xs" c="dimmed">
        <Ago at={at} />
      </Text>
    ),
  },
];

const flipKey = ({ execution_id, step, index }: Flip): string => `${execution_id}/${step}/${index}`;

/** What a bundle would have decided otherwise, over what agents asked lately. */
export const ShadowReport = ({ shadow, stale }: { shadow: Shadow; stale?: boolean }) => {
  const { replayed, flipped, inexact, kinds, flips, against, duration_ms, at } = shadow;
  return (
    <Stack gap="xs">
      <Text size="sm" component="div" role="status">
        <b>
          {flipped === 0 ? 'No decision changes' : flipped === 1 ? '1 decision changes' : `${flipped} decisions change`}
        </b>{' '}
        of {replayed} that were recorded, against epoch {against}; replayed <Ago at={at} /> in{' '}
        {(duration_ms / 1_000).toFixed(1)} s{stale && ', before the text was changed'}.
        {inexact > 0 && ` ${inexact} of them had more paths than were recorded, so they are inexact.`}
        {replayed === 0 && ' Nothing was decided lately: what it changes is only known once agents have asked.'}
      </Text>
      {kinds.length > 0 && (
        <Group gap="md" component="ul" m={0} p={0} aria-label="Kinds of changes" style={{ listStyle: 'none' }}>
          {kinds.map(({ from, to, count }) => (
            <Group key={`${from} ${to}`} gap={6} component="li">
              <Turn from={from} to={to} />
              <Text size="sm" className="tabular">
                × {count}
              </Text>
            </Group>
          ))}
        </Group>
      )}
      {flips.length > 0 && <DataTable label="Decisions that change" rows={flips} columns={columns} rowKey={flipKey} />}
      {flips.length < flipped && (
        <Text size="xs" c="dimmed">
          The newest {flips.length} are shown.
        </Text>
      )}
    </Stack>
  );
};
