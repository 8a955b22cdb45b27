import { readEnv } from '#service';
import { str } from 'envalid';
import { readSpecs } from './spec/spec.folder.js';

export const predictionSettings = {
  SPECS_DIR: str({ default: 'specs', desc: 'folder of the specs, relative to the working directory' }),
};

/** Prediction's settings, the specs among them: a spec that is wrong refuses the start before anything is opened. */
export const predictionEnv = (source: NodeJS.ProcessEnv) => {
  const { SPECS_DIR } = readEnv(source, predictionSettings);
  return { SPECS_DIR, specs: readSpecs(SPECS_DIR) };
};

export type Env = ReturnType<typeof predictionEnv>;
