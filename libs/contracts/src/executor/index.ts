export * from './action.js';
export * from './decision.js';
export * from './execution.js';
export * from './journal.js';
export * from './loop.js';
export * from './playbook.js';
export * from './step.js';
