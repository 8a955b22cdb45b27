import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type Files, nameProblem } from './policy.rules.js';

/** Names a file that is to be added to the bundle. */
export const NewFileDialog = ({
  files,
  add,
  close,
}: {
  files: Files;
  add: (name: string) => void;
  close: () => void;
}) => {
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (name) => nameProblem(name.trim(), files) },
  });
  return (
    <Modal opened onClose={close} title="A new file">
      <form
        aria-label="A new file"
        noValidate
        onSubmit={form.onSubmit(({ name }) => {
          add(name.trim());
          close();
        })}
      >
        <Stack>
          <TextInput
            label="Name"
            description="name.cedar for policies, tests/name.yaml for tests of them"
            withAsterisk
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Back
            </Button>
            <Button type="submit">Add it</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
