export * from './action.js';
export * from './approval.js';
