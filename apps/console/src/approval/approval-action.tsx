import { Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { Fragment } from 'react';
import { CopyText } from '../page/copy-text.js';
import { Foreign } from '../page/foreign.js';
import { argumentText, wishOf } from './approval.rules.js';
import classes from './approval.module.css';
import { Section } from './section.js';

/** `tidy wants to delete data/customers.db` */
export const WishSentence = ({ approval, clamp }: { approval: Approval; clamp?: number }) => {
  const { verb, objects } = wishOf(approval);
  return (
    <Text span inherit lineClamp={clamp} className={classes.sentence}>
      <Foreign text={approval.agent_id} /> wants to {verb}
      {objects.length === 0 && ' what its arguments say'}
      {objects.map((object) => (
        <span key={object}>
          {' '}
          <span className={classes.object}>
            <Foreign text={object} mono={approval.step > 0} />
          </span>
        </span>
      ))}
    </Text>
  );
};

/** The tool and its arguments, exactly as they would be used. */
export const ExactAction = ({ approval }: { approval: Approval }) => {
  const entries = Object.entries(approval.arguments);
  return (
    <Section
      title="The exact action"
      aside={<CopyText text={JSON.stringify(approval.arguments, null, 2)} label="Copy the arguments as JSON" />}
    >
      <div className={classes.code} tabIndex={0} role="region" aria-label="Tool and arguments">
        <dl>
          <dt>tool</dt>
          <dd>
            <Foreign text={approval.tool} />
          </dd>
          {entries.map(([name, value]) => (
            <Fragment key={name}>
              <dt>
                <Foreign text={name} />
              </dt>
              <dd>
                <Foreign text={argumentText(value)} />
              </dd>
            </Fragment>
          ))}
        </dl>
      </div>
    </Section>
  );
};
