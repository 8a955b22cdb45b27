import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import classes from './trace.module.css';

const SHOWN_MS = 1_500;

/** Copies a text; without a secure connection the browser has no clipboard, and then there is no button. */
export const CopyButton = ({ text, what }: { text: string; what: string }) => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  if (!('clipboard' in navigator)) return null;
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <button type="button" className={classes.icon} onClick={copy} aria-label={`Copy ${what}`} title={`Copy ${what}`}>
      {copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
      <span role="status" className="sr-only">
        {copied ? 'Copied' : ''}
      </span>
    </button>
  );
};
