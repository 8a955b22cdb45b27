import { Group, List, Text } from '@mantine/core';
import { Foreign } from '../page/foreign.js';
import { PasswordIssued } from '../page/password-issued.js';
import { useMe } from '../session/use-me.js';
import classes from './settings.module.css';
import { Card } from './card.js';
import { roleLabel } from './role.rules.js';
import { Labelled } from '../page/labelled.js';

/** Who is signed in, and what they may do in the team they act in. */
export const WhoAmI = () => {
  const { user, team, teams, roles, permissions, password_issued: issued } = useMe();
  return (
    <Card title="Who you are">
      <dl className={classes.facts}>
        <Labelled name="E-mail">
          <Foreign text={user.email} />
        </Labelled>
        {user.name !== user.email && (
          <Labelled name="Name">
            <Foreign text={user.name} />
          </Labelled>
        )}
        {issued && (
          <Labelled name="Password">
            <PasswordIssued issued={issued} />
          </Labelled>
        )}
        <Labelled name={roles.length === 1 ? 'Role here' : 'Roles here'}>{roles.map(roleLabel).join(', ')}</Labelled>
        <Labelled name="You may">
          <Group gap={6}>
            {permissions.map((permission) => (
              <span key={permission} className={`mono ${classes.permission}`}>
                {permission}
              </span>
            ))}
          </Group>
        </Labelled>
        <Labelled name={teams.length === 1 ? 'Team' : 'Teams'}>
          {teams.length === 0 ? (
            'You are in no team.'
          ) : (
            <List size="sm" listStyleType="none">
              {teams.map(({ id, name, role }) => (
                <List.Item key={id}>
                  <Foreign text={name} />{' '}
                  <Text span size="xs" c="dimmed">
                    {role && roleLabel(role)}
                    {id === team && teams.length > 1 && ', open in this tab'}
                  </Text>
                </List.Item>
              ))}
            </List>
          )}
        </Labelled>
      </dl>
    </Card>
  );
};
