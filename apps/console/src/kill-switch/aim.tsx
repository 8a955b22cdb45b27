import type { KillSwitch } from '#client/browser';
import { Foreign } from '../page/foreign.js';
import { targetOf } from './kill-switch.rules.js';

/** What a switch is about: `the agent tidy`; `begins`: as the beginning of a sentence. */
export const Aim = ({
  about,
  begins,
}: {
  about: Pick<KillSwitch, 'scope' | 'agent_id' | 'tool'>;
  begins?: boolean;
}) => {
  const { words, name } = targetOf(about);
  return (
    <>
      {begins ? words[0]!.toUpperCase() + words.slice(1) : words}
      {name !== null && (
        <>
          {' '}
          <Foreign text={name} />
        </>
      )}
    </>
  );
};
