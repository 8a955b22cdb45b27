import { Group, Text } from '@mantine/core';
import type { PolicyOverview } from '#client/browser';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FileClock } from 'lucide-react';
import { useEffect } from 'react';
import { Ago } from '../page/ago.js';
import { Empty } from '../page/empty.js';
import { Foreign } from '../page/foreign.js';
import { Panes, useWide } from '../page/panes.js';
import { focusRow, PickList } from '../page/pick-list.js';
import { Read } from '../page/read.js';
import { ToneBadge } from '../page/tone-badge.js';
import { noteOf, STATUS_WORDS, type Summary, titleOf } from './policy.rules.js';
import { PolicyDetail } from './policy-detail.js';
import { useHistory } from './use-policies.js';

const Row = ({ policy, isNow }: { policy: Summary; isNow: boolean }) => (
  <>
    <Group gap={6} justify="space-between" wrap="nowrap">
      <Text size="sm" fw={600}>
        {titleOf(policy)}
      </Text>
      <Group gap={4} wrap="nowrap">
        {isNow && <ToneBadge tone="info" word="in force" />}
        <ToneBadge {...STATUS_WORDS[policy.status]} />
      </Group>
    </Group>
    <Text size="xs" c="dimmed" component="div">
      <Foreign text={noteOf(policy)} clamp={2} />
    </Text>
    <Text size="xs" c="dimmed" component="div">
      <Foreign text={policy.author.name} /> <Ago at={policy.published_at ?? policy.created_at} />
    </Text>
  </>
);

const useSelection = (first: string | undefined) => {
  const wide = useWide();
  const { policy: selected } = useSearch({ from: '/governance/policies' });
  const navigate = useNavigate({ from: '/governance/policies' });
  const select = (policy: string | undefined, replace = wide): void =>
    void navigate({ search: { view: 'history', ...(policy && { policy }) }, replace });
  useEffect(() => {
    if (!wide || selected !== undefined || first === undefined) return;
    void navigate({ search: { view: 'history', policy: first }, replace: true });
  }, [wide, selected, first, navigate]);
  return { selected, select };
};

const History = ({
  policies,
  inForce,
  more,
}: {
  policies: readonly Summary[];
  inForce: PolicyOverview;
  more: ReturnType<typeof useHistory>['more'];
}) => {
  const { selected, select } = useSelection(policies[0]?.id);
  if (policies.length === 0 && selected === undefined) {
    return (
      <Empty icon={FileClock} title="Nothing was written yet">
        The shipped policies are in force. What the team writes and publishes is kept here, with who approved it.
      </Empty>
    );
  }
  const back = (): void => {
    select(undefined, true);
    if (selected !== undefined) focusRow(selected);
  };
  return (
    <Panes
      list={
        <PickList
          label="Bundles"
          rows={policies}
          selected={selected}
          select={select}
          row={(policy) => (
            <Row policy={policy} isNow={policy.status === 'published' && policy.epoch === inForce.epoch} />
          )}
          more={more}
        />
      }
      detail={selected === undefined ? null : <PolicyDetail id={selected} inForce={inForce} />}
      label="The bundle"
      all="All bundles"
      back={back}
    />
  );
};

/** Every draft and every epoch, newest first. */
export const PolicyHistory = ({ inForce }: { inForce: PolicyOverview }) => {
  const { query, more } = useHistory();
  return <Read query={query}>{(policies) => <History policies={policies} inForce={inForce} more={more} />}</Read>;
};
