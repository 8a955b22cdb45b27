import { Button, Group, Kbd, Tooltip } from '@mantine/core';
import type { ExecutionResult } from '#client/browser';
import { CircleStop, Pause, Play, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../session/use-me.js';
import { RequestDialog } from './request-dialog.js';
import type { Request } from './request.rules.js';
import { useKeys } from './use-keys.js';
import type { Trace } from './use-trace.js';

const REQUESTS = {
  pause: { word: 'Pause', key: 'p', icon: Pause, colour: undefined },
  resume: { word: 'Resume', key: 'r', icon: Play, colour: undefined },
  cancel: { word: 'Cancel', key: 'x', icon: CircleStop, colour: undefined },
  rollback: { word: 'Roll back', key: 'b', icon: Undo2, colour: 'red' },
} as const;

const BEYOND =
  'It waits for its budget. An admin resumes it beyond the limit; it goes on by itself once the limit is raised.';
const NOT_ALLOWED = 'Your role may look at runs and not steer them. An operator or an admin may.';

/** What may be asked of the run now, by button or by key; each is confirmed first. */
export const ExecutionControls = ({ trace, execution }: { trace: Trace; execution: ExecutionResult }) => {
  const may = useMay('execution.cancel');
  const mayOverrun = useMay('budget.write');
  const obstacleTo = (request: Request): string | null => {
    if (!may) return NOT_ALLOWED;
    return request === 'resume' && execution.paused_reason === 'budget' && !mayOverrun ? BEYOND : null;
  };
  const [asking, setAsking] = useState<Request | null>(null);
  const can = (Object.keys(REQUESTS) as Request[]).filter((request) => execution.can.includes(request));
  const ask = (request: Request): void => {
    if (obstacleTo(request) === null && can.includes(request)) setAsking(request);
  };
  useKeys(Object.fromEntries((Object.keys(REQUESTS) as Request[]).map((one) => [REQUESTS[one].key, () => ask(one)])));
  return (
    <Group gap="xs" role="group" aria-label="Steer the run">
      {can.map((request) => {
        const { word, key, icon: Icon, colour } = REQUESTS[request];
        const obstacle = obstacleTo(request);
        return (
          <Tooltip
            key={request}
            multiline
            maw={260}
            events={{ hover: true, focus: obstacle !== null, touch: obstacle !== null }}
            label={
              obstacle ?? (
                <>
                  {word} <Kbd size="xs">{key}</Kbd>
                </>
              )
            }
          >
            <Button
              size="xs"
              variant={colour ? 'light' : 'default'}
              color={colour}
              leftSection={<Icon size={14} aria-hidden />}
              aria-keyshortcuts={key}
              aria-disabled={obstacle !== null}
              data-disabled={obstacle !== null || undefined}
              onClick={() => ask(request)}
            >
              {word}
            </Button>
          </Tooltip>
        );
      })}
      {asking && (
        <RequestDialog
          key={asking}
          request={asking}
          trace={trace}
          execution={execution}
          close={() => setAsking(null)}
        />
      )}
    </Group>
  );
};
