import type { Action } from '#client/browser';
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { Foreign } from '../page/foreign.js';
import { RiskBadge } from '../risk/risk-badge.js';
import classes from './action-detail.module.css';
import { ChangeList, DeviationList } from './change-list.js';
import { type ActionTimes, momentsOf } from './chronicle.rules.js';
import { ClockTime, durationWords } from './clock-time.js';
import { CopyButton } from './copy-button.js';
import { DigestText } from './digest-text.js';
import { FindingList } from './finding-list.js';

const Part = ({ title, wide, children }: { title: string; wide?: boolean; children: ReactNode }) => (
  <section className={wide ? `${classes.part} ${classes.wide}` : classes.part}>
    <h3>{title}</h3>
    {children}
  </section>
);

const Text = ({ title, text }: { title: string; text: string }) => (
  <figure className={classes.text}>
    <figcaption>{title}</figcaption>
    <pre tabIndex={0} aria-label={title}>
      <Foreign text={text} />
    </pre>
    <CopyButton text={text} what={title} />
  </figure>
);

const List = ({ items }: { items: readonly string[] }) => (
  <>
    {items.map((item, at) => (
      <div key={at}>
        <Foreign text={item} />
      </div>
    ))}
  </>
);

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);

const Call = ({ action }: { action: Action }) => (
  <Part title="The call">
    <dl className={classes.facts}>
      <dt>tool</dt>
      <dd>
        <Foreign mono text={action.tool ?? 'not known'} />
      </dd>
      {action.digest && (
        <>
          <dt>digest</dt>
          <dd>
            <DigestText digest={action.digest} />
          </dd>
        </>
      )}
    </dl>
    <Text title="arguments" text={JSON.stringify(action.arguments ?? {}, null, 2)} />
  </Part>
);

const Predicted = ({ said }: { said: NonNullable<Action['predicted']> }) => (
  <Part title="Predicted">
    <dl className={classes.facts}>
      <dt>risk</dt>
      <dd>{typeof said.risk === 'number' ? <RiskBadge risk={said.risk} /> : 'no answer in time'}</dd>
      <dt>may change</dt>
      <dd>{said.expected.length === 0 ? 'nothing' : <List items={said.expected} />}</dd>
    </dl>
    <FindingList findings={said.findings} />
  </Part>
);

type Row = readonly [title: string, said: ReactNode];

/** Who answered, and how it came that they did or did not have to. */
const answerRows = ({ approvers, edited_by, asked_digest, bypass }: NonNullable<Action['decided']>): Row[] => [
  ...(approvers.length > 0 ? [['approved by', <List items={approvers} />] as const] : []),
  ...(edited_by
    ? [
        [
          'edited by',
          <>
            <Foreign text={edited_by} />
            {asked_digest && (
              <>
                ; asked for was <DigestText digest={asked_digest} />
              </>
            )}
          </>,
        ] as const,
      ]
    : []),
  ...(bypass
    ? [
        [
          'bypass',
          <>
            given by <Foreign text={bypass.given_by} />, use {bypass.use}
          </>,
        ] as const,
      ]
    : []),
];

const decidedRows = (said: NonNullable<Action['decided']>): Row[] => {
  const { decision, approval, determining_policies: policies, reasons, guarded, expires_at } = said;
  return [
    ['decision', approval ? `${decision}, ${approval}` : decision],
    ['policies', policies.length === 0 ? 'none applies' : <List items={policies} />],
    ...(reasons.length > 0 ? [['reasons', <List items={reasons} />] as const] : []),
    ...answerRows(said),
    ...(guarded?.length > 0 ? [['not covered', <List items={guarded} />] as const] : []),
    ...(approval === 'pending' && expires_at ? [['a no from', <ClockTime at={expires_at} />] as const] : []),
  ];
};

const Decided = ({ said }: { said: NonNullable<Action['decided']> }) => {
  const navigate = useNavigate();
  const { approval_id } = said;
  return (
    <Part title="Decided">
      <dl className={classes.facts}>
        {decidedRows(said).map(([title, value]) => (
          <Fragment key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      {approval_id && (
        <Button
          size="compact-xs"
          variant="default"
          mt={8}
          onClick={() => void navigate({ to: '.', search: { approval: approval_id }, hash: true })}
        >
          Open the approval
        </Button>
      )}
    </Part>
  );
};

const Output = ({ output }: { output: unknown }) => {
  if (isEmpty(output)) return null;
  if (typeof output !== 'object') return <Text title="output" text={String(output)} />;
  const { stdout, stderr, content, ...rest } = output as Record<string, unknown>;
  const texts = Object.entries({ stdout, stderr, content }).filter(
    ([, text]) => typeof text === 'string' && text !== '',
  );
  return (
    <>
      {texts.map(([name, text]) => (
        <Text key={name} title={name} text={String(text)} />
      ))}
      {!isEmpty(rest) && <Text title="output" text={JSON.stringify(rest, null, 2)} />}
    </>
  );
};

const Done = ({ said }: { said: NonNullable<Action['done']> }) => (
  <Part title="Done">
    <dl className={classes.facts}>
      <dt>result</dt>
      <dd>{said.ok ? 'ok' : 'failed'}</dd>
      <dt>took</dt>
      <dd>{durationWords(said.duration_ms)}</dd>
      {said.failure && (
        <>
          <dt>failure</dt>
          <dd>
            <Foreign mono text={said.failure.code} />
            <br />
            <Foreign text={said.failure.message} />
          </dd>
        </>
      )}
    </dl>
    <Output output={said.output} />
  </Part>
);

const Verified = ({ said }: { said: NonNullable<Action['verified']> }) => (
  <Part title="Verified">
    <dl className={classes.facts}>
      <dt>verdict</dt>
      <dd className={said.verdict === 'verified' ? classes.equal : classes.differs}>{said.verdict}</dd>
      <dt>after it</dt>
      <dd>
        <DigestText digest={said.manifest} />
      </dd>
      <dt>changes</dt>
      <dd>{said.change_count}</dd>
    </dl>
    <ChangeList changes={said.changes} deviations={said.deviations} count={said.change_count} />
  </Part>
);

const Undone = ({ said }: { said: NonNullable<Action['undone']> }) => (
  <Part title="Undone">
    <dl className={classes.facts}>
      <dt>outcome</dt>
      <dd>{said.outcome.replaceAll('_', ' ')}</dd>
      {said.before && (
        <>
          <dt>before it</dt>
          <dd>
            <DigestText digest={said.before} />
          </dd>
        </>
      )}
      {said.after && (
        <>
          <dt>{said.outcome === 'kept' ? 'after it' : 'after the undo'}</dt>
          <dd>
            <DigestText digest={said.after} />
          </dd>
        </>
      )}
      {said.outcome !== 'kept' && (
        <>
          <dt>put back</dt>
          <dd>
            {said.restored} {said.restored === 1 ? 'path' : 'paths'}
          </dd>
        </>
      )}
      {said.outcome !== 'kept' && said.before && said.after && (
        <>
          <dt>proof</dt>
          <dd className={said.before === said.after ? classes.equal : classes.differs}>
            {said.before === said.after ? 'both digests are equal' : 'the digests differ'}
          </dd>
        </>
      )}
    </dl>
    <DeviationList title="What stands in the way" deviations={said.problems} />
  </Part>
);

const Moments = ({ times }: { times: ActionTimes | undefined }) => {
  const moments = momentsOf(times);
  if (moments.length === 0) return null;
  return (
    <Part title="When" wide>
      <ol className={classes.moments}>
        {moments.map(({ word, at }, i) => (
          <li key={word}>
            {word} <ClockTime at={at} fine />
            <span>{i === 0 ? 'first' : `+${durationWords(Date.parse(at) - Date.parse(moments[i - 1]!.at))}`}</span>
          </li>
        ))}
      </ol>
    </Part>
  );
};

/** Everything there is to know of an action. */
export const ActionDetail = ({ action, times }: { action: Action; times: ActionTimes | undefined }) => (
  <div className={classes.detail}>
    <Call action={action} />
    {action.predicted && <Predicted said={action.predicted} />}
    {action.decided && <Decided said={action.decided} />}
    {action.done && <Done said={action.done} />}
    {action.verified && <Verified said={action.verified} />}
    {action.undone && <Undone said={action.undone} />}
    <Moments times={times} />
  </div>
);
