import type { Role } from '#contracts';

/** `key.own`: to make, see and revoke one's own API keys. */
const READ = [
  'execution.read',
  'playbook.read',
  'approval.read',
  'budget.read',
  'kill.read',
  'member.read',
  'policy.read',
  'violation.read',
  'key.own',
] as const;
const OPERATE = ['execution.submit', 'execution.cancel', 'prediction.ask', 'playbook.write'] as const;
const APPROVE = ['approval.decide', 'violation.write'] as const;
const WRITE_POLICY = ['policy.write'] as const;
/** `key.manage`: to see and revoke everybody's. */
const ADMINISTER = ['budget.write', 'kill.write', 'member.write', 'system.read', 'key.manage'] as const;
const INSTALL = ['team.create'] as const;

export type Permission =
  | (typeof READ)[number]
  | (typeof OPERATE)[number]
  | (typeof APPROVE)[number]
  | (typeof WRITE_POLICY)[number]
  | (typeof ADMINISTER)[number]
  | (typeof INSTALL)[number];

/** What a role may do; what is not listed is refused. Whoever approves does not thereby submit. */
export const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: READ,
  operator: [...READ, ...OPERATE],
  approver: [...READ, ...APPROVE],
  admin: [...READ, ...OPERATE, ...APPROVE, ...WRITE_POLICY, ...ADMINISTER],
  installation_admin: [
    'budget.read',
    'budget.write',
    'kill.read',
    'kill.write',
    'member.read',
    'member.write',
    'system.read',
    ...INSTALL,
  ],
};

/** Every permission, in the order of the table. */
export const ALL_PERMISSIONS: readonly Permission[] = [
  ...READ,
  ...OPERATE,
  ...APPROVE,
  ...WRITE_POLICY,
  ...ADMINISTER,
  ...INSTALL,
];

export const may = (roles: readonly Role[], permission: Permission): boolean =>
  roles.some((role) => PERMISSIONS[role].includes(permission));

/** Everything these roles may do together, in the order of the table. */
export const permissionsOf = (roles: readonly Role[]): Permission[] => [
  ...new Set(roles.flatMap((role) => PERMISSIONS[role])),
];
