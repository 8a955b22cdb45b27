import { factSubject } from '#contracts';
import { FACT_OF, FRAME_OF, type JournalKind } from '../../apps/executor/src/journal/journal.kinds.js';
import { table } from './markdown.js';

/** Every kind of journal row, the frame that watchers get for it and the fact that other services hear. */
export const framesPage = (): string => {
  const kinds = Object.keys(FRAME_OF) as JournalKind[];
  const rows = kinds.map((kind) => {
    const fact = FACT_OF[kind];
    return [`\`${kind}\``, `\`${FRAME_OF[kind]}\``, fact ? `\`${factSubject(fact)}\`` : ''];
  });
  return [
    '# Frames',
    'Every row of an execution’s journal is exactly one frame; some are told to other services as a fact, too.',
    table(['journal kind', 'frame', 'fact'], rows),
    'A frame carries what its row added: [Frame](subjects.md#frame).',
  ]
    .join('\n\n')
    .concat('\n');
};
