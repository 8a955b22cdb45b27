import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { piecesOf, visible } from './foreign.rules.js';
import classes from './foreign.module.css';

/**
 * A text of an agent, a tool, a file name: never markup. What cannot be seen in it (control, bidirectional and invisible
 * characters) is named in its place. `clamp`: at most so many lines, the whole as title.
 */
export const Foreign = ({ text, mono, clamp }: { text: string; mono?: boolean; clamp?: number }) => {
  const pieces = useMemo(() => piecesOf(text), [text]);
  return (
    <Text
      span
      inherit
      className={mono ? 'foreign mono' : 'foreign'}
      lineClamp={clamp}
      title={clamp === undefined ? undefined : visible(text)}
    >
      {pieces.map((piece, at) =>
        piece.mark ? (
          <span key={at} className={classes.mark} title="A character that cannot be seen">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </Text>
  );
};
