import type { Me } from '#client/browser';
import { Ago } from './ago.js';
import { Foreign } from './foreign.js';

/** Who was given a person's last one-time password, and when: they could have signed in by it. */
export const PasswordIssued = ({ issued }: { issued: NonNullable<Me['password_issued']> }) => (
  <>
    <Foreign text={issued.by} /> was given a one-time password of yours <Ago at={issued.at} />.
  </>
);
