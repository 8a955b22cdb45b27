import type { SpecTraceClient } from '#client';
import { isWholeId, resolveId } from '../id/id.rules.js';
import { wholeList } from '../pages.js';

/**
 * The whole id of the execution that a beginning or an end of it names.
 * @throws InvalidUse, ApiError
 */
export const executionId = async (client: SpecTraceClient, part: string): Promise<string> => {
  if (isWholeId(part)) return part;
  const runs = await wholeList((page) => client.executions.list(page));
  return resolveId(
    part,
    runs.map(({ id }) => id),
    'execution',
  );
};
