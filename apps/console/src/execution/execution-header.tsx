import { Loader } from '@mantine/core';
import type { ExecutionResult } from '#client/browser';
import type { ReactNode } from 'react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { RiskMeter } from '../risk/risk-meter.js';
import { Duration } from './clock-time.js';
import { CopyButton } from './copy-button.js';
import { DigestText } from './digest-text.js';
import classes from './execution-header.module.css';
import { onItsWay } from './request.rules.js';
import { StatusBadge } from './status-badge.js';
import { statusWords } from './status.rules.js';

const Fact = ({ name, wide, children }: { name: string; wide?: boolean; children: ReactNode }) => (
  <div className={wide ? classes.wide : undefined}>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Submitted = ({ principal, on_behalf_of }: Pick<ExecutionResult, 'principal' | 'on_behalf_of'>) => (
  <>
    <Foreign text={principal.name} />
    {on_behalf_of.id !== principal.id && (
      <>
        {' on behalf of '}
        <Foreign text={on_behalf_of.name} />
      </>
    )}
  </>
);

const Status = ({ execution }: { execution: ExecutionResult }) => {
  const { status, paused_reason } = execution;
  const coming = onItsWay(execution);
  return (
    <div className={classes.top} role="status">
      <StatusBadge status={status} pausedReason={paused_reason} size="large" />
      {coming && (
        <span>
          <Loader size={12} mr={6} aria-hidden />
          {coming}
        </span>
      )}
      <span>{statusWords(status, paused_reason).meaning}</span>
    </div>
  );
};

/** What the run is and how it stands. */
export const ExecutionHeader = ({ execution }: { execution: ExecutionResult }) => {
  const { id, playbook, workspace, started_at, finished_at, created_at } = execution;
  return (
    <section className={`surface ${classes.header}`} aria-label="The run">
      <div>
        <Status execution={execution} />
        <dl className={classes.facts}>
          <Fact name="Agent">
            <Foreign text={execution.agent_id} /> · <Foreign text={execution.agent_type} />
          </Fact>
          <Fact name="Phase">{execution.phase}</Fact>
          <Fact name="Submitted by">
            <Submitted {...execution} />
          </Fact>
          <Fact name={started_at ? 'Started' : 'Submitted'}>
            <Ago at={started_at ?? created_at} />
          </Fact>
          <Fact name={finished_at ? 'Took' : 'Runs for'}>
            {started_at ? <Duration from={started_at} to={finished_at} /> : 'not begun'}
          </Fact>
          {playbook && (
            <Fact name="Playbook" wide>
              {playbook.name && <Foreign text={playbook.name} />}{' '}
              {playbook.digest && <DigestText digest={playbook.digest} />}
            </Fact>
          )}
          {workspace && (
            <Fact name="Workspace" wide>
              <Foreign mono text={workspace.path} />
              <CopyButton text={workspace.path} what="the path" />
            </Fact>
          )}
          <Fact name="Execution" wide>
            <span className="mono">{id}</span>
            <CopyButton text={id} what="the execution id" />
          </Fact>
        </dl>
      </div>
      <div className={classes.meters}>
        <RiskMeter
          label={execution.phase === 'running' ? 'Live risk' : 'Highest risk seen'}
          risk={execution.risk_score}
        />
        <RiskMeter label="Deception" risk={execution.deception_probability} />
      </div>
    </section>
  );
};
