import { useQueryClient } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { BYPASSES } from '../data/keys.js';
import { usePages } from '../table/use-pages.js';

const PAGE = 100;

/** What approvers let agents do without asking, newest first. */
export const useBypasses = () =>
  usePages([...BYPASSES], (cursor) => api.bypasses.list({ limit: PAGE, ...(cursor && { cursor }) }));

/** Bypasses are read again. */
export const useBypassesChanged = () => {
  const queries = useQueryClient();
  return (): void => void queries.invalidateQueries({ queryKey: BYPASSES });
};
