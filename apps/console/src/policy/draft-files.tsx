import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { BundleFiles, type Looking } from './bundle-files.js';
import { NewFileDialog } from './new-file-dialog.js';
import { changesOf, type Files, type Problem } from './policy.rules.js';
import type { DraftDesk } from './use-draft.js';

/** What can be done with the file that is looked at. */
const FileTools = ({
  desk: { draft, write },
  looking: { file },
  inForce,
  add,
}: {
  desk: DraftDesk;
  looking: Looking;
  inForce: Files;
  add: () => void;
}) => {
  const was = inForce[file];
  const without = (files: Files): Files => Object.fromEntries(Object.entries(files).filter(([name]) => name !== file));
  return (
    <Group gap="xs">
      <Button size="compact-sm" variant="default" onClick={add}>
        New file …
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => write(({ files }) => ({ files: without(files) }))}
        aria-label={`Remove ${file}`}
      >
        Remove
      </Button>
      {was !== undefined && was !== draft.files[file] && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => write(({ files }) => ({ files: { ...files, [file]: was } }))}
          aria-label={`Put ${file} back as it is in force`}
        >
          As in force
        </Button>
      )}
    </Group>
  );
};

/** The text that is being written: its files, what differs, what is wrong where. */
export const DraftFiles = ({
  desk,
  looking,
  problems,
  inForce,
  mayWrite,
}: {
  desk: DraftDesk;
  looking: Looking;
  problems: readonly Problem[];
  inForce: Files;
  mayWrite: boolean;
}) => {
  const [adding, setAdding] = useState(false);
  const {
    draft: { files },
    write,
  } = desk;
  const changes = new Map(changesOf(inForce, files).map(({ file, kind }) => [file, kind]));
  const noteOf = (file: string): string => {
    const wrong = problems.filter(({ place }) => place?.file === file).length;
    const notes = [changes.get(file) === 'added' ? 'new' : changes.get(file), wrong > 0 && `${wrong} wrong`];
    return notes.filter(Boolean).join(', ');
  };
  const put = (file: string, text: string): void => write((now) => ({ files: { ...now.files, [file]: text } }));
  return (
    <>
      <BundleFiles
        files={files}
        looking={looking}
        problems={problems}
        noteOf={noteOf}
        tools={mayWrite && <FileTools desk={desk} looking={looking} inForce={inForce} add={() => setAdding(true)} />}
        {...(mayWrite && { write: put })}
      />
      {adding && (
        <NewFileDialog
          files={files}
          close={() => setAdding(false)}
          add={(name) => {
            put(name, '');
            looking.choose(name);
          }}
        />
      )}
    </>
  );
};
