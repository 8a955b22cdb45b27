import { useEffect, useEffectEvent, useState } from 'react';

const stepOf = (hash: string): number | null => {
  const found = /^#step-(\d{1,9})$/.exec(hash);
  return found ? Number(found[1]) : null;
};

/** The step that the address names (`#step-12`), gone to when it is opened and whenever it changes. */
export const useStepTarget = (ready: boolean, go: (step: number) => void): number | null => {
  const [target, setTarget] = useState(() => stepOf(location.hash));
  const visit = useEffectEvent(() => {
    const step = stepOf(location.hash);
    setTarget(step);
    if (step !== null) go(step);
  });
  useEffect(() => {
    if (ready) visit();
  }, [ready]);
  useEffect(() => {
    const hear = (): void => visit();
    addEventListener('hashchange', hear);
    return () => removeEventListener('hashchange', hear);
  }, []);
  return target;
};
