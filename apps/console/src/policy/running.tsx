import { Progress, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Step } from './draft.rules.js';

const TICK_MS = 1_000;
const WORDS: Record<Step, { what: string; limitS: number | null }> = {
  check: { what: 'Read, validated and tested in a process of its own', limitS: 20 },
  replay: { what: 'What was decided lately is decided again', limitS: 60 },
  propose: { what: 'People are being asked', limitS: null },
};

const useSeconds = (): number => {
  const [seconds, set] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => set((now) => now + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return seconds;
};

/** A step that is under way: what happens, for how long, and when it is given up. */
export const Running = ({ step }: { step: Step }) => {
  const { what, limitS } = WORDS[step];
  const seconds = useSeconds();
  return (
    <Stack gap={4}>
      <Text size="sm" role="status">
        {what} …
      </Text>
      <Progress value={100} animated size="sm" aria-label={what} />
      <Text size="xs" c="dimmed" className="tabular">
        {seconds} s
        {limitS !== null &&
          (seconds <= limitS
            ? `; after ${limitS} s it is given up and the bundle refused`
            : '; other bundles are being tried before this one')}
      </Text>
    </Stack>
  );
};
