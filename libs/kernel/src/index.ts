export * from './action-digest.js';
export * from './app-error.js';
export * from './canonical-json.js';
export * from './digest.js';
export * from './json-pointer.js';
export * from './json.types.js';
export * from './strict-json.js';
export * from './uuid.js';
