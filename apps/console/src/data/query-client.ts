import { ApiError, AuthenticationError, backOffMs } from '#client/browser';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ME } from './keys.js';

const MAX_RETRIES = 3;
const FRESH_MS = 15_000;

/** Whatever learns that nobody is signed in any more says it here: the page gives way to the login. */
export const sessionEnded = (error: unknown): void => {
  if (error instanceof AuthenticationError) queryClient.setQueryData(ME, null);
};

const isRefusal = (error: unknown): boolean => error instanceof ApiError && error.status < 500 && error.status !== 429;

/** Reads retry by themselves with back-off unless the answer was no; writes are repeated by the client with their key. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: sessionEnded }),
  mutationCache: new MutationCache({ onError: sessionEnded }),
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      retry: (count, error) => !isRefusal(error) && count < MAX_RETRIES,
      retryDelay: (count) => 500 + backOffMs(count + 1, Math.random()),
    },
    mutations: { retry: false },
  },
});
