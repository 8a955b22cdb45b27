import { Info, OctagonAlert, TriangleAlert } from 'lucide-react';
import { Foreign } from '../page/foreign.js';
import type { Finding } from './chronicle.rules.js';
import classes from './trace.module.css';

const ICONS = { low: Info, medium: TriangleAlert, high: TriangleAlert, critical: OctagonAlert } as const;

/** What the analyser noticed, with how grave it is in a word. */
export const FindingList = ({ findings, inStep }: { findings: readonly Finding[]; inStep?: boolean }) => {
  if (findings.length === 0) return null;
  return (
    <ul className={inStep ? classes.findings : `${classes.findings} ${classes.plain}`} aria-label="Findings">
      {findings.map(({ code, severity, sentence }, at) => {
        const Icon = ICONS[severity];
        return (
          <li key={at} className={classes.finding} data-tone={severity} title={code}>
            <Icon size={13} aria-hidden />
            <strong>{severity}</strong>
            <Foreign text={sentence} />
          </li>
        );
      })}
    </ul>
  );
};
