export {
  ApiError,
  AuthenticationError,
  ConnectionError,
  type LocatedProblem,
  NotFoundError,
  RateLimitError,
} from './api-error.js';
export { type ClientOptions, SpecTraceClient, type Tokens, type TokenStore } from './client.js';
export { narrate, type NarratedFrame, Narrator, plainText } from './narrate.js';
export type * from './types.js';
export type { WatchOptions } from './watch.js';
