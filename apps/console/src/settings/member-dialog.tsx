import { Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Member, NewMember } from '#client/browser';
import { visible } from '../page/foreign.rules.js';
import { AddMemberForm, IssueForm, RemovalForm, RoleForm } from './member-forms.js';
import { OneTimePassword } from './one-time-password.js';

/** What is being done about a member. */
export type MemberTask =
  { kind: 'add' } | { kind: 'role' | 'issue' | 'remove'; member: Member } | { kind: 'password'; added: NewMember };

const titleOf = (task: MemberTask): string => {
  switch (task.kind) {
    case 'add':
      return 'Add a member';
    case 'role':
      return `Role of ${visible(task.member.email)}`;
    case 'issue':
      return `New one-time password for ${visible(task.member.email)}`;
    case 'remove':
      return `Remove ${visible(task.member.email)}?`;
    case 'password':
      return 'One-time password';
  }
};

const Content = ({ task, show }: { task: MemberTask; show: (task: MemberTask | null) => void }) => {
  const done = (): void => show(null);
  const added = (member: NewMember): void => {
    if (member.one_time_password) return show({ kind: 'password', added: member });
    done();
    const { email } = member.user;
    notifications.show({
      title: `${visible(email)} is in the team`,
      message: 'They are known here and sign in with the password they have.',
    });
  };
  switch (task.kind) {
    case 'add':
      return <AddMemberForm added={added} cancel={done} />;
    case 'role':
      return <RoleForm member={task.member} done={done} />;
    case 'issue':
      return <IssueForm member={task.member} issued={(one) => show({ kind: 'password', added: one })} cancel={done} />;
    case 'remove':
      return <RemovalForm member={task.member} done={done} />;
    case 'password':
      return <OneTimePassword member={task.added} done={done} />;
  }
};

/** One dialog for all of it; a password that is shown once is not lost to a key or a click beside it. */
export const MemberDialog = ({ task, show }: { task: MemberTask | null; show: (task: MemberTask | null) => void }) => {
  const keep = task?.kind === 'password';
  return (
    <Modal
      opened={task !== null}
      onClose={() => show(null)}
      title={task && titleOf(task)}
      closeOnEscape={!keep}
      closeOnClickOutside={!keep}
      withCloseButton={!keep}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {task && <Content key={task.kind} task={task} show={show} />}
    </Modal>
  );
};
