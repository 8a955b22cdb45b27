export * from './blob-store.js';
export * from './blob.errors.js';
export * from './directory-blob-store.js';
