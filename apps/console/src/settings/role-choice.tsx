import { Radio, Stack } from '@mantine/core';
import type { TeamRole } from '#client/browser';
import type { ReactNode } from 'react';
import { ROLES } from './role.rules.js';

/** One role, each with what it may do. */
export const RoleChoice = (props: {
  value?: TeamRole;
  onChange?: (role: TeamRole) => void;
  error?: ReactNode;
  /** Absent: all. */
  offered?: readonly TeamRole[];
}) => (
  <Radio.Group
    label="Role"
    value={props.value}
    error={props.error}
    onChange={(role) => props.onChange?.(role as TeamRole)}
  >
    <Stack gap="xs" mt={6}>
      {ROLES.filter(({ role }) => props.offered?.includes(role) ?? true).map(({ role, label, may }) => (
        <Radio key={role} value={role} label={label} description={may} />
      ))}
    </Stack>
  </Radio.Group>
);
