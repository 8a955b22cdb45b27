import type { KillSwitch } from '#client/browser';
import { Link } from '@tanstack/react-router';
import { OctagonX } from 'lucide-react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { Aim } from './aim.js';
import { inForce, progressText, targetText } from './kill-switch.rules.js';
import classes from './kill-switch.module.css';
import { useOpenSwitches } from './use-kill-switches.js';

/** What is stopped now, the most far-reaching first. */
export const useStops = (): KillSwitch[] => inForce(useOpenSwitches().data?.items ?? []);

const headOf = ({ status }: KillSwitch): string => (status === 'releasing' ? 'Being released' : 'Stopped');

/** Below the header of every page while anything is stopped: what, since when, by whom, and how far it has come. */
export const KillSwitchStrip = ({ stops }: { stops: readonly KillSwitch[] }) => {
  const [first, ...others] = stops;
  return (
    <section aria-label="Kill switch">
      <span role="status" className="sr-only">
        {first ? visible(`${headOf(first)}: ${targetText(first)}`) : ''}
      </span>
      {first && (
        <Link
          to="/settings/kill-switch"
          className={classes.strip}
          data-releasing={first.status === 'releasing' || undefined}
        >
          <OctagonX size={18} aria-hidden />
          <span className={classes.said}>
            <strong className={classes.line}>
              {headOf(first)}: <Aim about={first} />
            </strong>
            <span className={classes.line}>
              {others.length > 0 && `and ${others.length} more · `}
              <Progress one={first} />
              <Ago at={first.requested_at} /> by <Foreign text={first.requested_by.name} />
            </span>
          </span>
        </Link>
      )}
    </section>
  );
};

const Progress = ({ one }: { one: KillSwitch }) => {
  const said = progressText(one);
  return said && `${said} · `;
};
