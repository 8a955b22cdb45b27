import { Button, Title } from '@mantine/core';
import type { KillSwitch } from '#client/browser';
import { OctagonX, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Empty } from '../page/empty.js';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { useMay } from '../session/use-me.js';
import { KillHistory } from './kill-history.js';
import { KillSwitchCard } from './kill-switch-card.js';
import classes from './kill-switch.module.css';
import { ReleaseDialog } from './release-dialog.js';
import { stopDialog } from './stop-store.js';
import { useOpenSwitches } from './use-kill-switches.js';

const Nothing = ({ mayStop }: { mayStop: boolean }) => (
  <Empty icon={ShieldCheck} title="Nothing is stopped">
    {mayStop
      ? 'Stop an agent, a tool or the team from the header of any page. A rehearsal tells beforehand what that would stop.'
      : 'An admin stops an agent, a tool or the team. Whoever is in the team sees it then, on every page.'}
  </Empty>
);

/** What is stopped, how far that has come, and letting in again. */
export const KillSwitchPage = () => {
  const mayStop = useMay('kill.write');
  const query = useOpenSwitches();
  const [releasing, release] = useState<KillSwitch | null>(null);
  const stop = (
    <Button color="red" leftSection={<OctagonX size={16} aria-hidden />} onClick={() => stopDialog.open()}>
      Stop agents …
    </Button>
  );
  return (
    <Page
      title="Kill switch"
      description="Nothing of what is stopped begins; what runs is cancelled. Asked for and confirmed are two things."
      actions={mayStop && stop}
    >
      <Read query={query} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing mayStop={mayStop} />
          ) : (
            <div className={classes.cards}>
              {items.map((one) => (
                <KillSwitchCard key={one.id} one={one} release={() => release(one)} />
              ))}
            </div>
          )
        }
      </Read>
      <Title order={2} size="h4" mt="md">
        History
      </Title>
      <KillHistory />
      {releasing && <ReleaseDialog key={releasing.id} one={releasing} close={() => release(null)} />}
    </Page>
  );
};
