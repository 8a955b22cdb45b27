import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { KillSwitch } from '#client/browser';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../data/api.js';
import { EXECUTION } from '../data/keys.js';
import { useServerForm } from '../form/use-server-form.js';
import { Failure } from '../page/failure.js';
import { visible } from '../page/foreign.rules.js';
import { KillSteps } from './kill-steps.js';
import { problemsOf, requestOf, type StopDraft, targetText } from './kill-switch.rules.js';
import { StopConfirmation, StopFields } from './stop-form.js';
import { stopDialog, type StopWish, useStopWish } from './stop-store.js';
import { Warning } from './warning.js';
import { useKillSwitch, useSwitched } from './use-kill-switches.js';

type Step = { at: 'draft' } | { at: 'confirmation' } | { at: 'under way'; begun: KillSwitch };

/** The agent of the run whose page is open: most likely the one to be stopped. */
const useAgentHere = (): string => {
  const { id } = useParams({ strict: false });
  const queries = useQueryClient();
  return queries.getQueryData<{ agent_id?: string }>([...EXECUTION, id])?.agent_id ?? '';
};

/** What has been asked for, until it is confirmed and for as long as somebody looks. */
const UnderWay = ({ begun, stopForReal }: { begun: KillSwitch; stopForReal: () => void }) => {
  const query = useKillSwitch(begun);
  const one = query.data ?? begun;
  return (
    <Stack>
      {query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
      {one.warning && <Warning text={one.warning} />}
      <KillSteps one={one} />
      {!one.rehearsal && !one.confirmed_at && (
        <Text size="sm" c="dimmed">
          It goes on without this window.
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        {one.rehearsal ? (
          <Button variant="outline" color="red" onClick={stopForReal}>
            Stop for real …
          </Button>
        ) : (
          <Button
            variant="default"
            onClick={stopDialog.close}
            renderRoot={(props) => <Link to="/settings/kill-switch" {...props} />}
          >
            To the kill switch
          </Button>
        )}
        <Button onClick={stopDialog.close} autoFocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
};

const titleOf = (step: Step, draft: StopDraft): string => {
  if (step.at === 'draft') return 'Stop agents';
  if (step.at === 'confirmation') return `Stop ${visible(targetText(draft))}?`;
  const { rehearsal } = step.begun;
  return `${rehearsal ? 'Rehearsal for' : 'Stop of'} ${visible(targetText(step.begun))}`;
};

/** First a draft, then its confirmation, then how far it has come. Whatever is refused leads back to the draft. */
const StopSteps = ({ wish }: { wish: StopWish }) => {
  const here = useAgentHere();
  const switched = useSwitched();
  const [step, setStep] = useState<Step>({ at: 'draft' });
  const { form, submit, pending, problem } = useServerForm<StopDraft, KillSwitch>({
    initialValues: { scope: 'agent', agent_id: here, tool: '', reason: '', rehearsal: false, ...wish },
    validate: problemsOf,
    send: (draft) =>
      api.killSwitches.engage(requestOf(draft)).catch((error: unknown) => {
        setStep({ at: 'draft' });
        throw error;
      }),
    done: (begun) => {
      switched();
      setStep({ at: 'under way', begun });
    },
  });
  const press = (event: FormEvent<HTMLFormElement>): void => {
    if (step.at === 'confirmation' || form.values.rehearsal) return submit(event);
    event.preventDefault();
    if (!form.validate().hasErrors) setStep({ at: 'confirmation' });
  };
  const stopForReal = (): void => {
    form.setFieldValue('rehearsal', false);
    setStep({ at: 'confirmation' });
  };
  const shared = { form, pending, problem };
  return (
    <Modal opened onClose={stopDialog.close} title={titleOf(step, form.values)} size="lg">
      {step.at === 'under way' ? (
        <UnderWay begun={step.begun} stopForReal={stopForReal} />
      ) : (
        <form onSubmit={press} aria-label="Stop agents" noValidate>
          {step.at === 'confirmation' ? (
            <StopConfirmation {...shared} back={() => setStep({ at: 'draft' })} />
          ) : (
            <StopFields {...shared} back={stopDialog.close} />
          )}
        </form>
      )}
    </Modal>
  );
};

/** Stops agents, from anywhere. */
export const StopDialog = () => {
  const wish = useStopWish();
  return wish && <StopSteps wish={wish} />;
};
