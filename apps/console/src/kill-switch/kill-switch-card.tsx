import { Button, Group, Stack, Text, Title } from '@mantine/core';
import type { KillSwitch } from '#client/browser';
import { useId } from 'react';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { ToneBadge } from '../page/tone-badge.js';
import { useMay, useMe } from '../session/use-me.js';
import { Aim } from './aim.js';
import { KillSteps } from './kill-steps.js';
import { cannotRelease, standingOf, targetText } from './kill-switch.rules.js';
import { stopDialog } from './stop-store.js';
import { Warning } from './warning.js';

const Controls = ({ one, release }: { one: KillSwitch; release: () => void }) => {
  const { roles } = useMe();
  const why = useId();
  if (!useMay('kill.write') || one.rehearsal) return null;
  const obstacle = cannotRelease(one, roles);
  const { scope, agent_id, tool, status } = one;
  const what = visible(targetText(one));
  const stopAgain = (): void => stopDialog.open({ scope, agent_id: agent_id ?? '', tool: tool ?? '' });
  return (
    <Group gap="xs" justify="flex-end">
      {obstacle && (
        <Text size="xs" c="dimmed" id={why} flex="1 1 160px">
          {obstacle}
        </Text>
      )}
      {status === 'releasing' ? (
        <Button
          size="xs"
          variant="outline"
          color="red"
          disabled={obstacle !== null}
          aria-describedby={obstacle ? why : undefined}
          aria-label={`Stop again: ${what}`}
          onClick={stopAgain}
        >
          Stop again …
        </Button>
      ) : (
        <Button
          size="xs"
          variant="default"
          disabled={obstacle !== null}
          aria-describedby={obstacle ? why : undefined}
          aria-label={`Release ${what}`}
          onClick={release}
        >
          Release …
        </Button>
      )}
    </Group>
  );
};

/** One stop that is not released: what, why, and how far it has come. */
export const KillSwitchCard = ({ one, release }: { one: KillSwitch; release: () => void }) => {
  const heading = useId();
  return (
    <article className="surface" aria-labelledby={heading}>
      <Stack gap="sm" p="md" h="100%">
        <Group justify="space-between" gap="xs" align="flex-start" wrap="nowrap">
          <Title order={3} size="h5" id={heading} miw={0}>
            <Aim about={one} begins />
          </Title>
          <ToneBadge {...standingOf(one)} />
        </Group>
        <Text size="sm" component="div">
          <Foreign text={one.reason} clamp={6} />
        </Text>
        {one.warning && <Warning text={one.warning} />}
        <KillSteps one={one} />
        <Group mt="auto" justify="flex-end">
          <Controls one={one} release={release} />
        </Group>
      </Stack>
    </article>
  );
};
