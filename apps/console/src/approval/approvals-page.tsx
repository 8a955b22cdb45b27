import { Badge, Button, Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FastForward } from 'lucide-react';
import { useState } from 'react';
import { BypassDialog } from '../bypass/bypass-dialog.js';
import { BypassList } from '../bypass/bypass-list.js';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { useMay } from '../session/use-me.js';
import { approvalTabOf, type Tab, TABS } from './approval.rules.js';
import { Inbox } from './inbox.js';
import { useAsked, usePending } from './use-approvals.js';

const TITLES: Record<Tab, string> = { pending: 'Pending', answered: 'Answered', all: 'All', bypasses: 'Bypasses' };

const PendingInbox = () => {
  const query = usePending(true);
  return <Read query={query}>{(approvals) => <Inbox tab="pending" approvals={approvals} />}</Read>;
};

const AskedInbox = ({ tab }: { tab: 'answered' | 'all' }) => {
  const { query, more } = useAsked();
  return (
    <Read query={query}>
      {(approvals) => (
        <Inbox
          tab={tab}
          approvals={tab === 'all' ? approvals : approvals.filter(({ status }) => status !== 'pending')}
          more={more}
        />
      )}
    </Read>
  );
};

const Panel = ({ tab }: { tab: Tab }) => {
  switch (tab) {
    case 'pending':
      return <PendingInbox />;
    case 'bypasses':
      return <BypassList />;
    case 'answered':
    case 'all':
      return <AskedInbox tab={tab} />;
  }
};

const Count = () => {
  const { data } = usePending(true);
  if (!data || data.length === 0) return null;
  return (
    <Badge size="sm" color="orange" variant="filled" aria-label={`${data.length} pending`}>
      {data.length}
    </Badge>
  );
};

const StopAsking = () => {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<FastForward size={16} aria-hidden />} onClick={() => setOpen(true)}>
        Stop asking for a while
      </Button>
      {open && <BypassDialog start={{ agent_id: '', tool: '' }} close={() => setOpen(false)} />}
    </>
  );
};

/** What agents want to do and people have to answer, and what they need not ask for. */
export const ApprovalsPage = () => {
  const mayDecide = useMay('approval.decide');
  const { tab: named = 'pending' } = approvalTabOf(useSearch({ strict: false }));
  const tabs = TABS.filter((one) => one !== 'bypasses' || mayDecide);
  const tab = tabs.includes(named) ? named : 'pending';
  const navigate = useNavigate();
  return (
    <Page
      title="Approvals"
      description="What agents want to do and policy leaves to people. Unanswered is a no."
      actions={tab === 'bypasses' ? <StopAsking /> : undefined}
      wide
    >
      <Tabs
        value={tab}
        onChange={(to) => void navigate({ to: '/approvals', search: approvalTabOf({ tab: to }) })}
        keepMounted={false}
      >
        <Tabs.List mb="sm">
          {tabs.map((one) => (
            <Tabs.Tab
              key={one}
              value={one}
              h={40}
              px={{ base: 8, xs: 'md' }}
              rightSection={one === 'pending' ? <Count /> : null}
            >
              {TITLES[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Panel tab={tab} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
};
