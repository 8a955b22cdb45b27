import type { ApiKey, ApiKeyChoice, CreateApiKey, TeamRole } from '#client/browser';

type KeyType = ApiKey['type'];
type KeyState = ApiKey['state'];

/** What acts by a key, in words. */
export const KEY_TYPES: readonly { type: KeyType; label: string; may: string }[] = [
  { type: 'agent', label: 'An agent', may: 'Acts under its own name. It never approves, whatever its role.' },
  { type: 'service', label: 'A service', may: 'A machine of yours: a pipeline, a bot, a script.' },
  { type: 'person', label: 'Myself', may: 'Your own programs, as you. Never more than you may do yourself.' },
];

export const keyTypeLabel = (type: KeyType): string => ({ agent: 'agent', service: 'service', person: 'person' })[type];

export const KEY_STATES: Readonly<Record<KeyState, { label: string; colour: string }>> = {
  active: { label: 'active', colour: 'green' },
  used_up: { label: 'used up', colour: 'orange' },
  expired: { label: 'expired', colour: 'gray' },
  revoked: { label: 'revoked', colour: 'gray' },
};

/** `12`, or `12 of 500`. */
export const usesWords = ({ uses, usage_limit }: Pick<ApiKey, 'uses' | 'usage_limit'>): string =>
  usage_limit === null || usage_limit === undefined ? String(uses) : `${uses} of ${usage_limit}`;

export interface KeyDraft extends Record<string, unknown> {
  type: KeyType;
  name: string;
  role: NonNullable<ApiKey['role']>;
  /** Empty: all of the role. */
  scopes: string[];
  expires_in_days: number | string;
  usage_limit: number | string;
}

const rolesFor = (choices: readonly ApiKeyChoice[], type: KeyType): ApiKeyChoice['roles'] =>
  choices.find((choice) => choice.type === type)?.roles ?? [];

/** Roles that can be given to a key of this type, least first. */
export const rolesOf = (choices: readonly ApiKeyChoice[], type: KeyType): TeamRole[] =>
  rolesFor(choices, type).map(({ role }) => role);

/** Permissions that a key of this type and role can be kept to. */
export const scopesOf = (choices: readonly ApiKeyChoice[], { type, role }: Pick<KeyDraft, 'type' | 'role'>): string[] =>
  rolesFor(choices, type).find((one) => one.role === role)?.permissions ?? [];

/** A draft with nothing in it that cannot be given: another role where its own cannot, and no scope beyond that. */
export const fitting = (choices: readonly ApiKeyChoice[], draft: KeyDraft): KeyDraft => {
  const roles = rolesOf(choices, draft.type);
  const role = roles.includes(draft.role) ? draft.role : (roles[0] ?? draft.role);
  const possible = scopesOf(choices, { type: draft.type, role });
  return { ...draft, role, scopes: draft.scopes.filter((scope) => possible.includes(scope)) };
};

/** By field: what is wrong with a draft before it is sent. */
export const problemsOf = ({ type, name }: KeyDraft): Partial<Record<string, string>> =>
  type !== 'person' && name.trim() === '' ? { name: 'An agent or service needs a name of its own.' } : {};

/** A draft as it is sent; what was left empty is left out. */
export const requestOf = ({ type, name, role, scopes, expires_in_days, usage_limit }: KeyDraft): CreateApiKey => ({
  type,
  role,
  ...(name.trim() && { name: name.trim() }),
  ...(scopes.length > 0 && { scopes: scopes as CreateApiKey['scopes'] }),
  ...(expires_in_days !== '' && { expires_in_days: Number(expires_in_days) }),
  ...(usage_limit !== '' && { usage_limit: Number(usage_limit) }),
});
