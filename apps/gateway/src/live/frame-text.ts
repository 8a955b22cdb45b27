import type { executor } from '#contracts';

/** Encodes each frame once, however many readers it goes to. */
export const oncePerFrame = <T>(encode: (frame: executor.Frame) => T): ((frame: executor.Frame) => T) => {
  const made = new WeakMap<executor.Frame, { text: T }>();
  return (frame) => {
    const known = made.get(frame) ?? { text: encode(frame) };
    made.set(frame, known);
    return known.text;
  };
};
