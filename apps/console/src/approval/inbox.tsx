import { Button, Center, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { Approval } from '#client/browser';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowLeft, CheckCheck } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Empty } from '../page/empty.js';
import { useMay } from '../session/use-me.js';
import { ApprovalDetail } from './approval-detail.js';
import { ApprovalList, focusRow } from './approval-list.js';
import { nextOf, type Tab } from './approval.rules.js';
import classes from './approval.module.css';
import { useInboxKeys } from './use-inbox-keys.js';

const TWO_PANES = '(min-width: 62em)';

const Nothing = ({ tab }: { tab: Tab }) => {
  const maySubmit = useMay('execution.submit');
  return (
    <Empty
      icon={CheckCheck}
      title={tab === 'answered' ? 'Nothing has been answered yet' : 'Nothing waits for an answer'}
    >
      When policy leaves an action to people, the question appears here by itself, with everything the action would
      change.
      {maySubmit && (
        <div>
          <Button mt="md" variant="default" renderRoot={(props) => <Link to="/run" {...props} />}>
            Start a run
          </Button>
        </div>
      )}
    </Empty>
  );
};

interface InboxProps {
  tab: Tab;
  approvals: readonly Approval[];
  more?: { has: boolean; loading: boolean; fetch: () => void };
}

/** What is looked at is in the page's URL, and stays what it is until somebody moves on: no key hits another one. */
const useSelection = (approvals: readonly Approval[], wide: boolean) => {
  const { approval: selected } = useSearch({ strict: false });
  const navigate = useNavigate();
  const select = (id: string | undefined, replace = wide): void =>
    void navigate({ to: '/approvals', search: (now) => ({ ...now, approval: id }), replace });
  const first = approvals[0]?.id;
  useEffect(() => {
    if (!wide || selected !== undefined || first === undefined) return;
    void navigate({ to: '/approvals', search: (now) => ({ ...now, approval: first }), replace: true });
  }, [wide, selected, first, navigate]);
  return { selected, select };
};

/** The list and the one that is looked at: beside each other, or one after the other where there is little room. */
export const Inbox = ({ tab, approvals, more }: InboxProps) => {
  const wide = useMediaQuery(TWO_PANES, undefined, { getInitialValueInEffect: false }) ?? true;
  const { selected, select } = useSelection(approvals, wide);
  const list = useRef<HTMLDivElement>(null);
  useInboxKeys(approvals, selected, select);
  if (approvals.length === 0 && selected === undefined && !more?.has) return <Nothing tab={tab} />;
  const goOn = ({ id }: Approval): void => {
    const next = nextOf(tab === 'pending' ? approvals : [], id);
    if (next === null) return;
    select(next, true);
    if (wide) focusRow(next);
  };
  const back = (): void => {
    select(undefined, true);
    if (selected !== undefined) focusRow(selected);
  };
  return (
    <div className={`surface ${classes.panes}`} data-narrow={wide ? undefined : true}>
      {(wide || selected === undefined) && (
        <div className={classes.pane} ref={list}>
          {approvals.length > 0 || more?.has ? (
            <ApprovalList
              label="Approvals"
              approvals={approvals}
              selected={selected}
              select={(id) => select(id)}
              more={more}
            />
          ) : (
            <Center h="100%" p="md">
              <Text size="sm" c="dimmed" ta="center" role="status">
                Nothing else waits for an answer.
              </Text>
            </Center>
          )}
        </div>
      )}
      {selected !== undefined && (
        <section className={classes.pane} aria-label="The approval" tabIndex={wide ? 0 : -1}>
          {!wide && (
            <Button variant="subtle" m="xs" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={back}>
              All approvals
            </Button>
          )}
          <ApprovalDetail id={selected} answered={goOn} takeFocus={!wide} />
        </section>
      )}
    </div>
  );
};
