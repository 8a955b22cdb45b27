import { Badge, Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { approvalTabOf, type Tab, TABS } from './approval.rules.js';
import { Inbox } from './inbox.js';
import { useAsked, usePending } from './use-approvals.js';

const TITLES: Record<Tab, string> = { pending: 'Pending', answered: 'Answered', all: 'All' };

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

/** What agents want to do and people have to answer. */
export const ApprovalsPage = () => {
  const search = useSearch({ strict: false });
  const { tab = 'pending' } = approvalTabOf(search);
  const navigate = useNavigate();
  const pending = usePending(true);
  return (
    <Page title="Approvals" description="What agents want to do and policy leaves to people. Unanswered is a no." wide>
      <Tabs
        value={tab}
        onChange={(to) => void navigate({ to: '/approvals', search: approvalTabOf({ tab: to }) })}
        keepMounted={false}
      >
        <Tabs.List mb="sm">
          {TABS.map((one) => (
            <Tabs.Tab
              key={one}
              value={one}
              h={40}
              rightSection={
                one === 'pending' && pending.data && pending.data.length > 0 ? (
                  <Badge size="sm" color="orange" variant="filled" aria-label={`${pending.data.length} pending`}>
                    {pending.data.length}
                  </Badge>
                ) : null
              }
            >
              {TITLES[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>{tab === 'pending' ? <PendingInbox /> : <AskedInbox tab={tab} />}</Tabs.Panel>
      </Tabs>
    </Page>
  );
};
