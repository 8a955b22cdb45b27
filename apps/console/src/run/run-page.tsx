import type { Playbook } from '#client/browser';
import { Anchor, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { FileCode2, Lock } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { api } from '../data/api.js';
import { EXECUTION } from '../data/keys.js';
import { Empty } from '../page/empty.js';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { useMay, useMe } from '../session/use-me.js';
import { keepDraft } from './kept-draft.js';
import { RegisterPlaybook } from './register-playbook.js';
import { draftFrom } from './run-draft.rules.js';
import { RunDesk } from './run-desk.js';
import { usePlaybooks } from './use-playbooks.js';

export const RunPage = () => {
  const may = useMay('execution.submit');
  const { from } = useSearch({ from: '/run' });
  if (!may) {
    return (
      <Frame>
        <Empty icon={Lock} title="You may look, not run">
          Submitting a task needs the role operator or admin. An admin of your team can give it to you.
        </Empty>
      </Frame>
    );
  }
  if (from !== undefined) return <Again key={from} execution={from} />;
  return <Desk />;
};

const Frame = ({ actions, children }: { actions?: ReactNode; children: ReactNode }) => (
  <Page title="Run" description="Say what is to be done, see what it may risk, and decide." actions={actions} wide>
    {children}
  </Page>
);

const Desk = () => {
  const mayRegister = useMay('playbook.write');
  const [registering, register] = useDisclosure();
  const [registered, setRegistered] = useState<Playbook | null>(null);
  const playbooks = usePlaybooks();
  return (
    <Frame
      actions={
        mayRegister && (
          <Button variant="default" size="xs" leftSection={<FileCode2 size={14} aria-hidden />} onClick={register.open}>
            Register a playbook
          </Button>
        )
      }
    >
      <Read query={playbooks}>
        {({ items }) =>
          items.length === 0 ? (
            <NoPlaybook register={mayRegister ? register.open : null} />
          ) : (
            <RunDesk playbooks={items} registered={registered} />
          )
        }
      </Read>
      <RegisterPlaybook opened={registering} close={register.close} registered={setRegistered} />
    </Frame>
  );
};

const NoPlaybook = ({ register }: { register: (() => void) | null }) => (
  <Empty icon={FileCode2} title="No playbook yet">
    <Text size="sm">
      A playbook is a YAML file that lists tools with their arguments and what they may change. Every run follows one.
    </Text>
    {register ? (
      <Button mt="md" onClick={register}>
        Register your first playbook
      </Button>
    ) : (
      <Text size="sm" mt="sm">
        Registering one needs the role operator or admin.
      </Text>
    )}
  </Empty>
);

/** Makes the draft a repetition of an earlier run, once; from then on it is a draft like any other. */
const Again = ({ execution }: { execution: string }) => {
  const me = useMe();
  const navigate = useNavigate();
  const run = useQuery({ queryKey: [...EXECUTION, execution, 'again'], queryFn: () => api.executions.get(execution) });
  useEffect(() => {
    if (!run.data) return;
    keepDraft(me, draftFrom(run.data));
    void navigate({ to: '/run', search: {}, replace: true });
  }, [run.data, me, navigate]);
  return (
    <Frame>
      <Read query={run}>{() => null}</Read>
      {run.error && (
        <Group>
          <Anchor renderRoot={(props) => <Link to="/run" {...props} />}>Start with an empty task</Anchor>
        </Group>
      )}
    </Frame>
  );
};
