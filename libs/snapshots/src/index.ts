export type { BlobPort } from './blob-port.js';
export { applyChanges, diffManifests, manifestDigest, manifestLine, manifestOf, sameEntry } from './manifest.rules.js';
export * from './manifest.types.js';
export { WorkspaceHold } from './workspace-hold.js';
export { pathParts, pathProblem } from './workspace-path.rules.js';
export { type WorkspaceEntry, WorkspaceRoot } from './workspace-root.js';
export type { WorkspaceLimits } from './workspace-scan.js';
export type { WorkspaceErrorCode } from './workspace.errors.js';
