import { AuthenticationError, type Me } from '#client/browser';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { createContext, use } from 'react';
import { api } from '../data/api.js';
import { ME } from '../data/keys.js';

export type Permission = Me['permissions'][number];

/** Who is signed in; null: nobody. */
export const useWhoIsThere = (): UseQueryResult<Me | null> =>
  useQuery({
    queryKey: ME,
    queryFn: () =>
      api.me().catch((error: unknown) => {
        if (error instanceof AuthenticationError) return null;
        throw error;
      }),
    staleTime: 60_000,
  });

export const MeContext = createContext<Me | null>(null);

/** Who is signed in, below the session gate. */
export const useMe = (): Me => {
  const me = use(MeContext);
  if (!me) throw new Error('useMe is for what stands behind the session gate');
  return me;
};

export const useMay = (permission: Permission): boolean => useMe().permissions.includes(permission);
