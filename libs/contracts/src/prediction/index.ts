export * from './run.js';
export * from './step.js';
export * from './trace.js';
