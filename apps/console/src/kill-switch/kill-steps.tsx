import { Text } from '@mantine/core';
import type { KillSwitch } from '#client/browser';
import { CircleCheck, CircleDashed, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { leftText, progressText, shareText } from './kill-switch.rules.js';
import classes from './kill-switch.module.css';

type Come = 'done' | 'now' | 'waits';

const ICONS = { done: CircleCheck, now: LoaderCircle, waits: CircleDashed } as const;

const Step = ({ name, come, children }: { name: string; come: Come; children: ReactNode }) => {
  const Icon = ICONS[come];
  return (
    <li className={classes.step} data-come={come}>
      <Icon size={17} aria-hidden />
      <Text size="sm" component="div" miw={0}>
        <Text span inherit fw={600}>
          {name}
        </Text>{' '}
        {children}
      </Text>
    </li>
  );
};

const By = ({ at, who }: { at: string; who: KillSwitch['requested_by'] }) => (
  <>
    <Ago at={at} /> by <Foreign text={who.name} />
  </>
);

const refusing = ({ executors: { alive, acknowledged } }: KillSwitch): string => {
  if (alive === 0) return 'no executor answers now';
  return `by ${acknowledged} of ${alive} ${alive === 1 ? 'executor' : 'executors'}`;
};

const Confirmed = ({ one }: { one: KillSwitch }) => {
  if (one.confirmed_at) {
    return (
      <Step name="Confirmed" come="done">
        <Ago at={one.confirmed_at} />: nothing of it is left running or waiting
      </Step>
    );
  }
  if (one.status !== 'engaged') {
    return (
      <Step name="Confirmed" come="waits">
        never: it was released before
      </Step>
    );
  }
  return (
    <Step name="Confirmed" come="now">
      <span role="status">not yet: {progressText(one)}</span>
    </Step>
  );
};

const Counted = ({ one }: { one: KillSwitch }) => (
  <Step name="Counted" come={one.confirmed_at ? 'done' : 'now'}>
    <span role="status">
      {one.confirmed_at ? `${leftText(one.stopping) ?? 'nothing'} would be stopped; nothing was` : 'not yet'}
    </span>
  </Step>
);

const Released = ({ one }: { one: KillSwitch }) => {
  if (!one.released_at || !one.released_by) return null;
  return (
    <>
      <Step name="Release asked for" come="done">
        <By at={one.released_at} who={one.released_by} />
      </Step>
      <Step name="Let in" come={one.status === 'released' ? 'done' : 'now'}>
        <span role="status">{shareText(one.admitted_share)} of its runs</span>
      </Step>
    </>
  );
};

/** How far a stop has come: that it was asked for and that it is done are two different things. */
export const KillSteps = ({ one }: { one: KillSwitch }) => (
  <ol className={classes.steps} aria-label={one.rehearsal ? 'The rehearsal' : 'The stop'}>
    <Step name="Requested" come="done">
      <By at={one.requested_at} who={one.requested_by} />
    </Step>
    {one.rehearsal ? (
      <Counted one={one} />
    ) : (
      <>
        {!one.confirmed_at && one.status === 'engaged' && (
          <Step
            name="Refused"
            come={one.executors.alive > 0 && one.executors.acknowledged >= one.executors.alive ? 'done' : 'now'}
          >
            {refusing(one)}
          </Step>
        )}
        <Confirmed one={one} />
        <Released one={one} />
      </>
    )}
  </ol>
);
