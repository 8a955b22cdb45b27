import { Button, Group, Kbd, Stack, Text, Textarea } from '@mantine/core';
import type { Violation } from '#client/browser';
import { type KeyboardEvent, useState } from 'react';
import { useSingleKeys } from '../approval/use-single-keys.js';
import { api } from '../data/api.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { useMay } from '../session/use-me.js';
import { useViolationChanged } from './use-violations.js';
import classes from './violation.module.css';
import { movesFrom, moveTo } from './violation.rules.js';

const MAX_NOTE = 2_000;

interface NoteProps {
  violation: Violation;
  to: Violation['status'];
  back: () => void;
}

const useNoteForm = ({ violation: { id }, to, back }: NoteProps) => {
  const changed = useViolationChanged();
  return useServerForm({
    initialValues: { note: '' },
    validate: ({ note }) =>
      moveTo(to).needsNote && note.trim() === '' ? { note: 'Say why: it is kept with your name.' } : {},
    send: ({ note }) => api.violations.change(id, { status: to, ...(note.trim() && { note: note.trim() }) }),
    done: (violation) => {
      changed(violation);
      back();
    },
  });
};

/** The note, and sending it. Enter is a new line; only Ctrl Enter and the button send. */
const NoteForm = (props: NoteProps) => {
  const { to, back } = props;
  const { label, needsNote, hint } = moveTo(to);
  const { form, submit, pending, problem } = useNoteForm(props);
  const press = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Escape') back();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    }
  };
  return (
    <form onSubmit={submit} aria-label={label} noValidate>
      <Stack gap="xs">
        <Textarea
          label="Note"
          description={hint}
          withAsterisk={needsNote}
          aria-required={needsNote}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={MAX_NOTE}
          autoFocus
          onKeyDown={press}
          {...form.getInputProps('note')}
        />
        <FormProblem problem={problem} />
        <Group justify="space-between" gap="xs">
          <Text size="xs" c="dimmed" visibleFrom="xs">
            <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd> sends
          </Text>
          <Group gap="xs" ml="auto">
            <Button variant="default" onClick={back} disabled={pending}>
              Back
            </Button>
            <Button type="submit" loading={pending}>
              {label}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
};

/** What comes of a violation: first chosen, by button or key, then sent with its note. */
export const ViolationMoves = ({ violation }: { violation: Violation }) => {
  const may = useMay('violation.write');
  const [to, choose] = useState<Violation['status'] | null>(null);
  const moves = movesFrom(violation.status);
  // Somebody else may have been first.
  const chosen = moves.find((move) => move.to === to);
  useSingleKeys((key) => {
    if (!may || chosen || document.querySelector('[aria-modal="true"]')) return false;
    const move = moves.find((one) => one.key === key);
    if (move) choose(move.to);
    return move !== undefined;
  });
  if (!may) {
    return (
      <Text size="sm" c="dimmed" className={classes.dock}>
        Your role may look at violations. An approver or an admin says what comes of them.
      </Text>
    );
  }
  return (
    <div className={classes.dock}>
      {chosen ? (
        <NoteForm key={chosen.to} violation={violation} to={chosen.to} back={() => choose(null)} />
      ) : (
        <Group gap="sm" role="group" aria-label="What comes of it">
          {moves.map(({ to: status, label, key }) => (
            <Button
              key={status}
              variant="default"
              aria-keyshortcuts={key}
              rightSection={
                <Kbd size="xs" visibleFrom="sm" aria-hidden>
                  {key.toUpperCase()}
                </Kbd>
              }
              onClick={() => choose(status)}
            >
              {label}
            </Button>
          ))}
        </Group>
      )}
    </div>
  );
};
