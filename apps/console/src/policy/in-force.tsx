import { Stack, Text, UnstyledButton } from '@mantine/core';
import type { Policy, PolicyOverview } from '#client/browser';
import { DigestText } from '../execution/digest-text.js';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { Labelled, Panel } from '../page/labelled.js';
import { ToneBadge } from '../page/tone-badge.js';
import { BundleFiles, useLooking } from './bundle-files.js';
import classes from './policy.module.css';
import { acknowledged, type Files, type Place, placeOf } from './policy.rules.js';
import { usePolicy } from './use-policies.js';

const Since = ({ policy }: { policy: Policy | undefined }) => {
  if (!policy) return null;
  const { published_at, author, votes } = policy;
  const yes = votes.filter(({ decision }) => decision === 'approve');
  return (
    <>
      {published_at && (
        <Labelled name="Since">
          <Ago at={published_at} />
        </Labelled>
      )}
      <Labelled name="Written by">
        <Foreign text={author.name} />
      </Labelled>
      {yes.length > 0 && (
        <Labelled name="Approved by">
          <Foreign text={yes.map(({ by }) => by.name).join(', ')} />
        </Labelled>
      )}
    </>
  );
};

/** Which bundle it is, by whom, and since when. */
const Standing = ({ overview }: { overview: PolicyOverview }) => {
  const own = overview.policy_id ?? null;
  const { data } = usePolicy(own);
  return (
    <Panel title={`Epoch ${overview.epoch}`}>
      <Text size="sm">
        {own
          ? 'A bundle of this team decides. What the shipped one forbids stays forbidden.'
          : 'The shipped bundle decides. An upgrade may change it; the team may publish its own.'}
      </Text>
      <dl className={classes.facts}>
        <Since policy={data} />
        <Labelled name="Digest">
          <DigestText digest={overview.digest} />
        </Labelled>
      </dl>
    </Panel>
  );
};

const SHOWN = 8;

/** Which processes decide by it. */
const Replicas = ({ overview }: { overview: PolicyOverview }) => {
  const { alive, taken, late } = acknowledged(overview);
  const newest = overview.replicas.filter((one) => one.alive).map(({ acknowledged_at }) => acknowledged_at ?? '');
  const last = newest.sort().at(-1);
  return (
    <Panel title="Processes">
      <Text size="sm" role="status" component="div">
        <b>
          Acknowledged by {taken} of {alive}
        </b>
        {last ? (
          <>
            , the last one <Ago at={last} />
          </>
        ) : (
          ', which began with it'
        )}
        .
      </Text>
      {late.length > 0 && (
        <ul className={classes.list}>
          {late.slice(0, SHOWN).map(({ id, epoch, problem }) => (
            <li key={id}>
              <ToneBadge tone="high" word={`epoch ${epoch}`} />{' '}
              <Text span size="sm">
                <Foreign text={problem ?? 'has not taken it yet'} />
              </Text>
            </li>
          ))}
        </ul>
      )}
      <Text size="xs" c="dimmed">
        One that cannot verify the signature keeps what it has. One that could not look for ten seconds decides nothing.
      </Text>
    </Panel>
  );
};

const Sentences = ({ policies, goTo }: { policies: PolicyOverview['policies']; goTo: (place: Place) => void }) => (
  <ul className={classes.list}>
    {policies.map(({ id, sentence, path }) => {
      const place = placeOf(path);
      return (
        <li key={id}>
          <Text size="sm" component="div">
            <Foreign text={sentence} />
          </Text>
          {place && (
            <UnstyledButton className={classes.place} data-quiet onClick={() => goTo(place)}>
              {id} in {place.file}, line {place.line}
            </UnstyledButton>
          )}
        </li>
      );
    })}
  </ul>
);

/** What decides now: whose it is, what it says in sentences, and its text. */
export const InForce = ({ overview, at }: { overview: PolicyOverview; at: string | undefined }) => {
  const files = overview.files as Files;
  const looking = useLooking(files, at === undefined ? null : placeOf(at));
  return (
    <Stack gap="md">
      <div className={classes.halves}>
        <Standing overview={overview} />
        <Replicas overview={overview} />
      </div>
      <Panel title="What it says">
        <Sentences policies={overview.policies} goTo={looking.goTo} />
      </Panel>
      <Panel title="Its text">
        <BundleFiles files={files} looking={looking} />
      </Panel>
    </Stack>
  );
};
