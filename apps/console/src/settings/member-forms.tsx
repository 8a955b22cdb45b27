import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import type { Member, NewMember, TeamRole } from '#client/browser';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { ME, MEMBERS } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { Foreign } from '../page/foreign.js';
import { useMe } from '../session/use-me.js';
import { RoleChoice } from './role-choice.js';

/** Who is in the team is read again, and so is what this person may do there. */
const useChanged = () => {
  const queries = useQueryClient();
  return (): void => {
    void queries.invalidateQueries({ queryKey: MEMBERS });
    void queries.invalidateQueries({ queryKey: ME });
  };
};

const Send = ({
  label,
  pending,
  cancel,
  colour,
}: {
  label: string;
  pending: boolean;
  cancel: () => void;
  colour?: string;
}) => (
  <Group justify="flex-end" gap="xs">
    <Button variant="default" onClick={cancel} disabled={pending}>
      Cancel
    </Button>
    <Button type="submit" loading={pending} color={colour}>
      {label}
    </Button>
  </Group>
);

export const AddMemberForm = ({ added, cancel }: { added: (member: NewMember) => void; cancel: () => void }) => {
  const { team } = useMe();
  const changed = useChanged();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { email: '', name: '', role: 'approver' as TeamRole },
    validate: ({ email }) =>
      /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? {} : { email: 'An e-mail address, such as ada@example.org' },
    send: ({ email, name, role }) =>
      api.members.add(team, { email: email.trim(), role, ...(name.trim() && { name: name.trim() }) }),
    done: (member) => {
      changed();
      added(member);
    },
  });
  return (
    <form onSubmit={submit} aria-label="Add a member" noValidate>
      <Stack>
        <TextInput
          label="E-mail address"
          type="email"
          autoComplete="off"
          data-autofocus
          withAsterisk
          {...form.getInputProps('email')}
        />
        <TextInput
          label="Name"
          description="Optional; what others read"
          maxLength={200}
          {...form.getInputProps('name')}
        />
        <RoleChoice {...form.getInputProps('role')} />
        <FormProblem problem={problem} />
        <Send label="Add to the team" pending={pending} cancel={cancel} />
      </Stack>
    </form>
  );
};

export const RoleForm = ({ member, done }: { member: Member; done: () => void }) => {
  const me = useMe();
  const changed = useChanged();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { role: member.role },
    send: ({ role }) => api.members.change(me.team, member.id, role),
    done: () => {
      changed();
      done();
    },
  });
  return (
    <form onSubmit={submit} aria-label={`Change the role of ${member.email}`}>
      <Stack>
        <RoleChoice {...form.getInputProps('role')} />
        {member.id === me.user.id && (
          <Text size="sm">This is you: with another role you can no longer change it back yourself.</Text>
        )}
        <FormProblem problem={problem} />
        <Send label="Change the role" pending={pending} cancel={done} />
      </Stack>
    </form>
  );
};

export const IssueForm = ({
  member,
  issued,
  cancel,
}: {
  member: Member;
  issued: (member: NewMember) => void;
  cancel: () => void;
}) => {
  const { team } = useMe();
  const { submit, pending, problem } = useServerForm({
    initialValues: {},
    send: () => api.members.issuePassword(team, member.id),
    done: issued,
  });
  return (
    <form onSubmit={submit} aria-label={`New one-time password for ${member.email}`}>
      <Stack>
        <Text size="sm">
          For somebody who cannot sign in any more. The password that <Foreign text={member.email} /> has is good no
          longer, and they are signed out everywhere; their keys wait until they have chosen another.
        </Text>
        <Text size="sm">
          Whoever holds it could act as them: it is recorded that you were given it, and they are told when they sign
          in.
        </Text>
        <FormProblem problem={problem} />
        <Send label="Give a one-time password" pending={pending} cancel={cancel} />
      </Stack>
    </form>
  );
};

export const RemovalForm = ({ member, done }: { member: Member; done: () => void }) => {
  const me = useMe();
  const changed = useChanged();
  const { submit, pending, problem } = useServerForm({
    initialValues: {},
    send: () => api.members.remove(me.team, member.id),
    done: () => {
      changed();
      done();
    },
  });
  return (
    <form onSubmit={submit} aria-label={`Remove ${member.email}`}>
      <Stack>
        <Text size="sm">
          <Foreign text={member.email} /> loses access to this team at once. Their yes no longer counts for what has not
          been done yet; what they did stays in the record.
          {member.id === me.user.id && ' This is you.'}
        </Text>
        <FormProblem problem={problem} />
        <Send label="Remove from the team" pending={pending} cancel={done} colour="red" />
      </Stack>
    </form>
  );
};
