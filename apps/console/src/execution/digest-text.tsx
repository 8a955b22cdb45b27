import { CopyButton } from './copy-button.js';

const PREFIX = 'sha256:';
const SHOWN = 12;

/** The beginning of a digest; the whole is its title and can be copied. */
export const DigestText = ({ digest }: { digest: string }) => (
  <>
    <span className="mono" title={digest}>
      {digest.slice(0, PREFIX.length + SHOWN)}…
    </span>
    <CopyButton text={digest} what="the whole digest" />
  </>
);
