import { Modal } from '@mantine/core';
import type { ApiKey, NewApiKey } from '#client/browser';
import { visible } from '../page/foreign.rules.js';
import { Read } from '../page/read.js';
import { NewKeyForm, RevocationForm, ShownKey, useKeyChoices } from './key-forms.js';

/** What is being done about keys. */
export type KeyTask = { kind: 'make' } | { kind: 'shown'; made: NewApiKey } | { kind: 'revoke'; apiKey: ApiKey };

const titleOf = (task: KeyTask): string => {
  switch (task.kind) {
    case 'make':
      return 'New API key';
    case 'shown':
      return 'The new API key';
    case 'revoke':
      return `Revoke ${visible(task.apiKey.name)}?`;
  }
};

const Making = (props: { made: (made: NewApiKey) => void; cancel: () => void }) => (
  <Read query={useKeyChoices()}>{(choices) => <NewKeyForm choices={choices} {...props} />}</Read>
);

const Content = ({ task, show }: { task: KeyTask; show: (task: KeyTask | null) => void }) => {
  const done = (): void => show(null);
  switch (task.kind) {
    case 'make':
      return <Making made={(made) => show({ kind: 'shown', made })} cancel={done} />;
    case 'shown':
      return <ShownKey made={task.made} done={done} />;
    case 'revoke':
      return <RevocationForm apiKey={task.apiKey} done={done} />;
  }
};

/** One dialog for all of it; a key that is shown once is not lost to a key or a click beside it. */
export const KeyDialog = ({ task, show }: { task: KeyTask | null; show: (task: KeyTask | null) => void }) => {
  const keep = task?.kind === 'shown';
  return (
    <Modal
      opened={task !== null}
      onClose={() => show(null)}
      title={task && titleOf(task)}
      size={task?.kind === 'revoke' ? undefined : 'lg'}
      closeOnEscape={!keep}
      closeOnClickOutside={!keep}
      withCloseButton={!keep}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {task && <Content key={task.kind} task={task} show={show} />}
    </Modal>
  );
};
