import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { Check, Copy } from 'lucide-react';

/** Copies a text; `label` says which: `Copy the digest`. */
export const CopyText = ({ text, label }: { text: string; label: string }) => {
  const { copy, copied, error } = useClipboard();
  const said = error ? 'The browser does not allow it here; select the text instead' : copied ? 'Copied' : label;
  return (
    <Tooltip label={said} opened={error || copied ? true : undefined}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={said}
        aria-live="polite"
        onClick={() => copy(text)}
      >
        {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
};
