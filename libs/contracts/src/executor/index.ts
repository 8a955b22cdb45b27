export * from './action.js';
export * from './execution.js';
export * from './journal.js';
export * from './playbook.js';
export * from './step.js';
