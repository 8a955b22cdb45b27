import { Button, Group, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { Pencil } from 'lucide-react';
import { Fragment } from 'react';
import { CopyText } from '../page/copy-text.js';
import { Foreign } from '../page/foreign.js';
import { argumentText, wishOf } from './approval.rules.js';
import classes from './approval.module.css';
import { EditArguments } from './edit-arguments.js';
import { draftOf, editObstacle } from './edit.rules.js';
import { Section } from './section.js';
import type { Edit } from './use-edit.js';

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

const Tools = ({ approval, edit }: { approval: Approval; edit: Edit }) => (
  <Group gap={4}>
    {editObstacle(approval) === null && edit.text === null && (
      <Button size="compact-xs" variant="subtle" leftSection={<Pencil size={13} aria-hidden />} onClick={edit.begin}>
        Edit the arguments
      </Button>
    )}
    <CopyText text={draftOf(approval.arguments)} label="Copy the arguments as JSON" />
  </Group>
);

/** The tool and its arguments, exactly as they would be used; or as a reviewer would have them. */
export const ExactAction = ({ approval, edit }: { approval: Approval; edit: Edit }) => {
  const entries = Object.entries(approval.arguments);
  if (edit.text !== null && editObstacle(approval) === null) {
    return (
      <Section title="Edit the arguments">
        <EditArguments approval={approval} edit={edit} />
      </Section>
    );
  }
  return (
    <Section title="The exact action" aside={<Tools approval={approval} edit={edit} />}>
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
