import { describe, expect, it } from '@jest/globals';
import type { Role } from '#contracts';
import { may, type Permission } from './permission.rules.js';

describe('who may do what', () => {
  it.each<[Role[], Permission, boolean]>([
    [['viewer'], 'execution.read', true],
    [['viewer'], 'execution.submit', false],
    [['viewer'], 'approval.decide', false],
    [['operator'], 'execution.submit', true],
    [['operator'], 'execution.cancel', true],
    [['operator'], 'playbook.write', true],
    [['operator'], 'approval.decide', false],
    [['approver'], 'approval.decide', true],
    [['approver'], 'execution.submit', false],
    [['approver'], 'member.write', false],
    [['admin'], 'execution.submit', true],
    [['admin'], 'approval.decide', true],
    [['admin'], 'member.write', true],
    [['admin'], 'system.read', true],
    [['approver'], 'system.read', false],
    [['installation_admin'], 'system.read', true],
    [['viewer'], 'policy.read', true],
    [['approver'], 'policy.write', false],
    [['admin'], 'policy.write', true],
    [['installation_admin'], 'policy.write', false],
    [['admin'], 'team.create', false],
    [['admin'], 'kill.write', true],
    [['approver', 'operator'], 'kill.write', false],
    [['viewer'], 'kill.read', true],
    [['admin'], 'budget.write', true],
    [['approver', 'operator'], 'budget.write', false],
    [['approver'], 'violation.write', true],
    [['operator'], 'violation.write', false],
    [['installation_admin'], 'kill.write', true],
    [['installation_admin'], 'team.create', true],
    [['installation_admin'], 'member.write', true],
    [['installation_admin'], 'execution.read', false],
    [['viewer', 'installation_admin'], 'execution.read', true],
    [[], 'execution.read', false],
  ])('%j, %s: %p', (roles, permission, allowed) => {
    expect(may(roles, permission)).toBe(allowed);
  });
});
