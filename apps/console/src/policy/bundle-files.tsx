import { Group, NativeSelect, Stack, Text, UnstyledButton } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useWide } from '../page/panes.js';
import { CodeText, type Jump } from './code-text.js';
import classes from './policy.module.css';
import { type Files, inOrder, kindOf, marksOf, type Place, type Problem } from './policy.rules.js';

export interface Looking {
  file: string;
  jump: Jump | null;
  choose: (file: string) => void;
  goTo: (place: Place) => void;
}

/** Which file is looked at; the first one when that is gone. */
export const useLooking = (files: Files, begin: Place | null = null): Looking => {
  const [at, setAt] = useState<{ file: string; jump: Jump | null }>(() => ({
    file: begin?.file ?? '',
    jump: begin && { line: begin.line },
  }));
  const file = Object.hasOwn(files, at.file) ? at.file : (inOrder(Object.keys(files))[0] ?? '');
  return {
    file,
    jump: at.jump,
    choose: (to) => setAt({ file: to, jump: null }),
    goTo: ({ file: to, line }) => setAt({ file: to, jump: { line } }),
  };
};

const Chooser = ({
  names,
  looking,
  noteOf,
}: {
  names: string[];
  looking: Looking;
  noteOf: (file: string) => string;
}) => {
  if (!useWide()) {
    return (
      <NativeSelect
        label="File"
        value={looking.file}
        onChange={({ currentTarget }) => looking.choose(currentTarget.value)}
        data={names.map((value) => ({ value, label: [value, noteOf(value)].filter(Boolean).join(' · ') }))}
      />
    );
  }
  return (
    <nav aria-label="Files of the bundle">
      <ul className={classes.files}>
        {names.map((name) => (
          <li key={name}>
            <UnstyledButton
              className={classes.file}
              aria-current={name === looking.file ? 'true' : undefined}
              onClick={() => looking.choose(name)}
            >
              <span>{name}</span>
              <Text span size="xs" c="dimmed" flex="none">
                {noteOf(name)}
              </Text>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </nav>
  );
};

/** A bundle, one file at a time. `write` absent: it can only be read. */
export const BundleFiles = ({
  files,
  looking,
  write,
  problems = [],
  noteOf = () => '',
  tools,
}: {
  files: Files;
  looking: Looking;
  write?: (file: string, text: string) => void;
  problems?: readonly Problem[];
  noteOf?: (file: string) => string;
  tools?: ReactNode;
}) => {
  const { file, jump } = looking;
  const narrow = !useWide();
  return (
    <div className={classes.bundle} data-narrow={narrow || undefined}>
      <Chooser names={inOrder(Object.keys(files))} looking={looking} noteOf={noteOf} />
      <Stack gap={6} miw={0}>
        <Group justify="space-between" gap="xs" mih={30}>
          <Text size="sm" c="dimmed">
            {kindOf(file) ?? 'A file of the bundle'}
          </Text>
          {tools}
        </Group>
        <CodeText
          key={file}
          label={file}
          text={files[file] ?? ''}
          {...(write && Object.hasOwn(files, file) && { write: (text: string) => write(file, text) })}
          marks={marksOf(problems, file)}
          jump={jump}
        />
      </Stack>
    </div>
  );
};
