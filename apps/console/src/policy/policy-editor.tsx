import { Alert, Button, Group, Stack } from '@mantine/core';
import type { PolicyOverview } from '#client/browser';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Section } from '../approval/section.js';
import { Panel } from '../page/labelled.js';
import { useMay } from '../session/use-me.js';
import { BundleDiff } from './bundle-diff.js';
import { useLooking } from './bundle-files.js';
import { DraftFiles } from './draft-files.js';
import { DraftSteps } from './draft-steps.js';
import { type Files, problemsOf } from './policy.rules.js';
import { type DraftDesk, useDraft } from './use-draft.js';
import { usePolicy } from './use-policies.js';
import { useTrial } from './use-trial.js';

const Outdated = ({ desk, epoch }: { desk: DraftDesk; epoch: number }) => (
  <Alert color="yellow" variant="light" role="alert" title={`Epoch ${epoch} came into force since this was written`}>
    <Group justify="space-between" gap="sm">
      It was written from epoch {desk.draft.based_on}. What differs from now is shown below: take over what came in,
      then go on.
      <Button size="xs" variant="default" onClick={() => desk.write({ based_on: epoch })}>
        It is as it should be from epoch {epoch}
      </Button>
    </Group>
  </Alert>
);

/** Throwing away takes two clicks. */
const Discard = ({ discard }: { discard: () => void }) => {
  const [sure, setSure] = useState(false);
  if (!sure) {
    return (
      <Button variant="default" size="compact-sm" onClick={() => setSure(true)}>
        Begin anew …
      </Button>
    );
  }
  return (
    <Group gap="xs">
      <Button variant="default" size="compact-sm" onClick={() => setSure(false)}>
        Keep the text
      </Button>
      <Button color="red" size="compact-sm" onClick={discard}>
        Throw it away
      </Button>
    </Group>
  );
};

/** Where a bundle is written, tried, and put before people. */
export const PolicyEditor = ({ inForce }: { inForce: PolicyOverview }) => {
  const mayWrite = useMay('policy.write');
  const navigate = useNavigate({ from: '/governance/policies' });
  const desk = useDraft(inForce);
  const { draft, write } = desk;
  const looking = useLooking(draft.files);
  const { data } = usePolicy(draft.tried);
  // Of what people were asked about, the same text is a draft of its own again, and has to be tried as one.
  const tried = data?.status === 'draft' ? data : null;
  const { take, running, error } = useTrial(desk, ({ id }) => {
    desk.discard();
    void navigate({ search: { view: 'history', policy: id } });
  });
  const files = inForce.files as Files;
  return (
    <Stack gap="md">
      {desk.isBegun && draft.based_on !== inForce.epoch && <Outdated desk={desk} epoch={inForce.epoch} />}
      <Panel title="The bundle">
        <DraftFiles
          desk={desk}
          looking={looking}
          problems={problemsOf(tried?.check)}
          inForce={files}
          mayWrite={mayWrite && running === null}
        />
      </Panel>
      <Panel title="From draft to force">
        <DraftSteps
          draft={draft}
          tried={tried}
          inForce={inForce}
          mayWrite={mayWrite}
          running={running}
          error={error}
          take={take}
          goTo={looking.goTo}
          note={(note) => write({ note })}
        />
      </Panel>
      {desk.isBegun && (
        <div className="surface">
          <Stack p="md">
            <Section title="What changes" aside={<Discard discard={desk.discard} />}>
              <BundleDiff before={files} after={draft.files} same="It says what is in force." />
            </Section>
          </Stack>
        </div>
      )}
    </Stack>
  );
};
