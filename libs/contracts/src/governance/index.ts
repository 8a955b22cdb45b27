export * from './action.js';
export * from './approval.js';
export * from './autonomy.js';
export * from './budget.js';
export * from './bypass.js';
export * from './kill-order.rules.js';
export * from './kill-switch.js';
export * from './violation.js';
