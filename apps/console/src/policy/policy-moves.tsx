import { Button, Group, Stack, Text } from '@mantine/core';
import type { Policy, PolicyOverview } from '#client/browser';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay, useMe } from '../session/use-me.js';
import { keepDraft, keptDraft } from './kept-draft.js';
import { PolicyAnswer } from './policy-answer.js';
import type { Files } from './policy.rules.js';
import { RollbackDialog } from './rollback-dialog.js';

/** Takes the text of a bundle to where it is written; another text that is there has to be given up first. */
const TakeUp = ({ policy, label }: { policy: Policy; label: string }) => {
  const me = useMe();
  const navigate = useNavigate({ from: '/governance/policies' });
  const [sure, setSure] = useState(false);
  const take = (): void => {
    if (!sure && keptDraft(me)) return setSure(true);
    const { files, based_on, note, id } = policy;
    keepDraft(me, { files: files as Files, based_on, note: note ?? '', tried: id });
    void navigate({ search: { view: 'write' } });
  };
  return (
    <Group gap="xs">
      {sure && <Text size="sm">It takes the place of the text you are writing.</Text>}
      <Button variant="default" onClick={take}>
        {sure ? 'Replace my text' : label}
      </Button>
    </Group>
  );
};

const BringBack = ({ policy }: { policy: Policy }) => {
  const navigate = useNavigate({ from: '/governance/policies' });
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Bring it back …
      </Button>
      {open && (
        <RollbackDialog
          policy={policy}
          close={() => setOpen(false)}
          asked={({ id }) => {
            setOpen(false);
            void navigate({ search: { view: 'history', policy: id } });
          }}
        />
      )}
    </>
  );
};

/** What can be done about a bundle, by this person, now. */
export const PolicyMoves = ({ policy, inForce }: { policy: Policy; inForce: PolicyOverview }) => {
  const mayWrite = useMay('policy.write');
  const { status, epoch } = policy;
  if (status === 'awaiting_approval') return <PolicyAnswer policy={policy} />;
  if (status === 'published' && epoch === inForce.epoch) return <Text size="sm">It is in force.</Text>;
  if (!mayWrite) {
    return (
      <Text size="sm" c="dimmed">
        Your role may read policies. An admin writes them and brings old ones back.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Group gap="sm">
        {status === 'published' && <BringBack policy={policy} />}
        <TakeUp policy={policy} label={status === 'draft' ? 'Go on writing it' : 'Write on from it'} />
      </Group>
    </Stack>
  );
};
