/** The front door for pages: the interface over HTTP, without what only Node has. */
export { ApiClient } from './api-client.js';
export { ApiError, AuthenticationError, ConnectionError, type LocatedProblem, NotFoundError } from './api-error.js';
export { Http, randomKey } from './http.js';
export type * from './types.js';
export { backOffMs } from './retry.rules.js';
