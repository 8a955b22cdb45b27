import { ApiError, type Playbook } from '#client/browser';
import { Button, FileButton, Group, Modal, Stack, Text, Textarea, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { api } from '../data/api.js';
import { PLAYBOOKS } from '../data/keys.js';
import { Failure } from '../page/failure.js';
import { Foreign } from '../page/foreign.js';
import { lineOf, type Place, placeOf } from './source-place.rules.js';
import classes from './run.module.css';

const LARGEST_BYTES = 262_144;
const SKETCH = `apiVersion: playbook/v1
name: hello
steps:
  - id: write
    uses: file.write@v1
    with: { path: hello.txt, content: "Hello" }
    expect: { created: [hello.txt] }`;

interface Registering {
  opened: boolean;
  close: () => void;
  registered: (playbook: Playbook) => void;
}

export const RegisterPlaybook = ({ opened, close, registered }: Registering) => (
  <Modal opened={opened} onClose={close} size="xl" title="Register a playbook">
    <SourceForm close={close} registered={registered} />
  </Modal>
);

/** A file on its way to being a playbook; what the server says about it is `error`. */
const useSource = (done: (playbook: Playbook) => void) => {
  const queries = useQueryClient();
  const [source, setSource] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const registration = useMutation({
    mutationFn: () => api.playbooks.register(source),
    onSuccess: async (playbook) => {
      await queries.invalidateQueries({ queryKey: PLAYBOOKS });
      notifications.show({
        title: `${playbook.name} is registered`,
        message: `${playbook.steps} steps, ready to run.`,
      });
      done(playbook);
    },
  });
  const take = async (file: File | null | undefined): Promise<void> => {
    if (!file) return;
    if (file.size > LARGEST_BYTES) return setRefusal(`${file.name} has more than 256 KiB.`);
    setRefusal(null);
    setSource(await file.text());
    registration.reset();
  };
  return { source, setSource, refusal, take: (file: File | null | undefined) => void take(file), registration };
};

const SourceForm = ({ close, registered }: Omit<Registering, 'opened'>) => {
  const field = useRef<HTMLTextAreaElement>(null);
  const { source, setSource, refusal, take, registration } = useSource((playbook) => {
    registered(playbook);
    close();
  });
  const { mutate, isPending, error } = registration;
  const show = (place: Place): void => {
    const { start, end } = lineOf(source, place.line);
    field.current?.focus();
    field.current?.setSelectionRange(start, end);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack>
        <Dropping drop={take}>
          <Textarea
            ref={field}
            label="Playbook file"
            description="YAML. Paste it, drop a file here, or choose one. The same file twice is one version."
            placeholder={SKETCH}
            value={source}
            onChange={({ currentTarget }) => setSource(currentTarget.value)}
            autosize
            minRows={10}
            maxRows={22}
            spellCheck={false}
            error={refusal}
            data-autofocus
            classNames={{ input: 'mono' }}
          />
        </Dropping>
        {error && <Refused error={error} show={show} retry={mutate} />}
        <Group justify="space-between">
          <FileButton onChange={take} accept=".yaml,.yml">
            {(props) => (
              <Button {...props} variant="default" leftSection={<FileUp size={16} aria-hidden />}>
                Choose a file
              </Button>
            )}
          </FileButton>
          <Group gap="sm">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={isPending} disabled={source.trim() === ''}>
              Register
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
};

const Dropping = ({ drop, children }: { drop: (file: File | undefined) => void; children: ReactNode }) => {
  const [over, setOver] = useState(false);
  const handle = (event: DragEvent, isOver: boolean): void => {
    event.preventDefault();
    setOver(isOver);
  };
  return (
    <div
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(event) => handle(event, true)}
      onDragLeave={(event) => handle(event, false)}
      onDrop={(event) => {
        handle(event, false);
        drop(event.dataTransfer.files[0]);
      }}
    >
      {children}
    </div>
  );
};

/** Every problem of the file with its place; choosing one leads to its line. */
const Refused = ({ error, show, retry }: { error: Error; show: (place: Place) => void; retry: () => void }) => {
  if (!(error instanceof ApiError) || error.errors.length === 0) return <Failure error={error} retry={retry} />;
  return (
    <div role="alert">
      <Text size="sm" fw={600} c="var(--critical)">
        {error.errors.length === 1
          ? 'One thing in the file is not right:'
          : `${error.errors.length} things in the file are not right:`}
      </Text>
      {error.errors.map(({ path, message }) => {
        const { place, words } = placeOf(message);
        return (
          <UnstyledButton
            key={path + message}
            display="block"
            py={4}
            disabled={!place}
            onClick={() => place && show(place)}
          >
            <Text size="sm" component="div">
              {place && <span className="mono">{`line ${place.line}, column ${place.column}: `}</span>}
              <Foreign text={words} />{' '}
              <Text span inherit c="dimmed">
                <Foreign text={path} mono />
              </Text>
            </Text>
          </UnstyledButton>
        );
      })}
    </div>
  );
};
