import { Badge } from '@mantine/core';
import type { Tone } from './tone.rules.js';

const COLOURS: Record<Tone, string> = {
  low: 'teal',
  medium: 'yellow',
  high: 'orange',
  critical: 'red',
  neutral: 'gray',
  info: 'blue',
};

/** How something stands: a word, with its colour; what it means is the title. */
export const ToneBadge = ({ tone, word, meaning }: { tone: Tone; word: string; meaning?: string }) => (
  <Badge
    size="sm"
    // A grey one would be lost on a raised surface.
    variant={tone === 'neutral' ? 'default' : 'light'}
    color={COLOURS[tone]}
    title={meaning}
    tt="none"
    flex="none"
  >
    {word}
  </Badge>
);
