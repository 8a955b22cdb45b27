import { Alert, Button, Group, Tabs } from '@mantine/core';
import type { PolicyOverview } from '#client/browser';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { Evaluate } from './evaluate.js';
import { InForce } from './in-force.js';
import { PolicyEditor } from './policy-editor.js';
import { PolicyHistory } from './policy-history.js';
import { policySearchOf, type View, VIEWS } from './policy-search.rules.js';
import { useOverview } from './use-policies.js';

const TITLES: Record<View, string> = { force: 'In force', write: 'Write', history: 'History', evaluate: 'Evaluate' };

/** That people are asked about a bundle, wherever on the page one is. */
const Asked = ({ overview }: { overview: PolicyOverview }) => {
  const { policy: looked } = useSearch({ from: '/governance/policies' });
  const asked = overview.items.find(({ status }) => status === 'awaiting_approval');
  if (!asked || asked.id === looked) return null;
  return (
    <Alert color="orange" variant="light" title="A bundle awaits approval" mb="md">
      <Group justify="space-between" gap="sm">
        <span className="foreign">{asked.author.name} asks for it.</span>
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => (
            <Link to="/governance/policies" search={{ view: 'history', policy: asked.id }} {...props} />
          )}
        >
          Look at it
        </Button>
      </Group>
    </Alert>
  );
};

const Panel = ({ view, at, overview }: { view: View; at: string | undefined; overview: PolicyOverview }) => {
  switch (view) {
    case 'force':
      return <InForce key={at} overview={overview} at={at} />;
    case 'write':
      return <PolicyEditor inForce={overview} />;
    case 'history':
      return <PolicyHistory inForce={overview} />;
    case 'evaluate':
      return <Evaluate />;
  }
};

/** What agents may do: what is in force, and the way of another bundle into force. */
export const PoliciesPage = () => {
  const { view = 'force', at } = useSearch({ from: '/governance/policies' });
  const navigate = useNavigate();
  const query = useOverview();
  const open = (to: string | null): void =>
    void navigate({ to: '/governance/policies', search: policySearchOf({ view: to }) });
  return (
    <Page title="Policies" description="What agents may do by themselves, with people, and not at all." wide>
      <Tabs value={view} onChange={open} keepMounted={false}>
        <Tabs.List mb="sm">
          {VIEWS.map((one) => (
            <Tabs.Tab key={one} value={one} h={40} px={{ base: 8, xs: 'md' }}>
              {TITLES[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={view}>
          <Read query={query}>
            {(overview) => (
              <>
                <Asked overview={overview} />
                <Panel view={view} at={at} overview={overview} />
              </>
            )}
          </Read>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
};
