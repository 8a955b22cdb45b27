import { governance } from '#contracts';

/** A run that has done nothing yet. */
export const NO_TAINT: governance.Taint = {
  read_sensitive: false,
  read_untrusted: false,
  external_send_pending: false,
  secrets_used: false,
};

/**
 * What a run may know and have met once an action of it has begun; nothing takes it back. `sensitive`: policy says that
 * the paths it names are.
 */
export const taintAfter = (taint: governance.Taint, action: { tool: string; sensitive: boolean }): governance.Taint => {
  const { reads, untrusted, secrets } = governance.traitsOf(action.tool);
  const readsSensitive = reads === 'anything' || (reads === 'named' && action.sensitive);
  return {
    ...taint,
    read_sensitive: taint.read_sensitive || readsSensitive,
    read_untrusted: taint.read_untrusted || untrusted,
    secrets_used: taint.secrets_used || secrets,
  };
};

/** Whether something that is still to be done in the same turn carries data out. */
export const isSendPending = (others: readonly { tool: string; finished: boolean }[]): boolean =>
  others.some(({ tool, finished }) => !finished && governance.traitsOf(tool).sends);
