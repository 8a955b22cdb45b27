import { describe, expect, it } from '@jest/globals';
import { joinOf, leaveOf, teamProblem, ticketOf } from './socket-io.rules.js';

const id = '0190a000-0000-7000-8000-000000000001';
const other = '0190a000-0000-7000-8000-000000000002';
const invalid = { code: 'input.invalid' };

describe('the auth of a handshake', () => {
  it.each([
    [{ ticket: 'abc' }, 'abc'],
    [{ ticket: '' }, ''],
    [{}, undefined],
    [undefined, undefined],
    [null, undefined],
    [Object.assign(Object.create(null), { ticket: 'abc' }), 'abc'],
  ])('%j brings the ticket %j', (auth, ticket) => {
    expect(ticketOf(auth)).toBe(ticket);
  });

  it.each([
    [{ ticket: 7 }],
    [{ ticket: ['abc'] }],
    [{ token: 'abc' }],
    [{ ticket: 'abc', team: id }],
    [JSON.parse('{"__proto__": {"ticket": "abc"}}')],
  ])('%j is refused', (auth) => {
    expect(ticketOf(auth)).toMatchObject(invalid);
  });
});

describe('join_execution', () => {
  it.each([
    [[id], 0],
    [[{ execution_id: id }], 0],
    [[{ execution_id: id, after: 17 }], 17],
    [[{ execution_id: id, after: 2_147_483_647 }], 2_147_483_647],
  ])('%j joins', (args, after) => {
    expect(joinOf(args)).toEqual({ execution_id: id, after });
  });

  it.each([
    [[]],
    [[id, id]],
    [[id.toUpperCase()]],
    [['nonsense']],
    [[null]],
    [[7]],
    [[[id]]],
    [[Buffer.from(id)]],
    [[{ after: 1 }]],
    [[{ execution_id: [id] }]],
    [[{ execution_id: id, after: -1 }]],
    [[{ execution_id: id, after: 0.5 }]],
    [[{ execution_id: id, after: '1' }]],
    [[{ execution_id: id, after: null }]],
    [[{ execution_id: id, after: 2 ** 31 }]],
    [[{ execution_id: id, more: 1 }]],
    [[JSON.parse(`{"execution_id": "${id}", "__proto__": {}}`)]],
    [[JSON.parse(`{"__proto__": {"execution_id": "${id}"}}`)]],
  ])('%j is refused', (args) => {
    expect(joinOf(args)).toMatchObject(invalid);
  });
});

describe('leave_execution', () => {
  it('takes a bare id', () => {
    expect(leaveOf([id])).toBe(id);
  });

  it.each([[[]], [[id, id]], [[{ execution_id: id }]], [['x']]])('%j is refused', (args) => {
    expect(leaveOf(args)).toMatchObject(invalid);
  });
});

describe('join_team', () => {
  it.each([[[]], [[id]]])('%j means the own team', (args) => {
    expect(teamProblem(args, id)).toBeUndefined();
  });

  it.each([
    [[other], 'team.not_found'],
    [['default'], 'input.invalid'],
    [[{ id }], 'input.invalid'],
    [[id, id], 'input.invalid'],
    [[null], 'input.invalid'],
  ])('%j is %s', (args, code) => {
    expect(teamProblem(args, id)).toMatchObject({ code });
  });
});
