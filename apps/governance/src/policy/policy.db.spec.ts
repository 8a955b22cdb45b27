import { type CallContext, governance, type Principal } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, openTestDatabase, person, type TestDatabase } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approver, deletion, runContext } from '../../test/fixture.js';
import { openReplica, questionOf, type Replica } from '../../test/policy-replica.js';
import { governance as definition } from '../definition.js';
import type { BundleFiles } from './bundle-file.rules.js';

const HOUSE_EPOCH = 1;
const { DraftPolicy, RollBackPolicy, VoteOnPolicy } = governance;
const input = <T extends object>(type: new () => T, fields: T): T => Object.assign(new type(), fields);

describe('publishing', () => {
  let test: TestDatabase;
  let home: string;
  let one: Replica;
  let two: Replica;
  beforeAll(async () => {
    test = await openTestDatabase(definition as never);
    home = mkdtempSync(join(tmpdir(), 'spectrace-policy-'));
    [one, two] = [await openReplica(test, home), await openReplica(test, home)];
  });
  afterAll(async () => {
    await test.close();
    rmSync(home, { recursive: true, force: true });
  });

  const openTeam = () => {
    const team = uuidv7();
    const admin = (name: string) => approver(team, person(name), 'admin');
    return {
      team,
      run: runContext(team),
      author: admin('author'),
      ada: approver(team, person('ada')),
      bob: admin('bob'),
    };
  };
  const files = (): BundleFiles => one.book.houseFiles;
  /** Deleting build output asks, too. */
  const stricter = (): Record<string, string> => ({
    ...files(),
    'path-classes.yaml': `${files()['path-classes.yaml']!.trimEnd()}\n  - pattern: dist/**\n    class: protected\n`,
  });
  const draft = (ctx: CallContext, changed: Record<string, string> = stricter()) =>
    one.service.draft(ctx, input(DraftPolicy, { files: changed }));
  const vote = (ctx: CallContext, id: string, decision: 'approve' | 'reject' = 'approve', reason?: string) =>
    one.review.decide(ctx, input(VoteOnPolicy, { policy_id: id, decision, reason }));
  const ready = async (ctx: CallContext, changed?: Record<string, string>) => {
    const { id } = await draft(ctx, changed);
    await one.trials.shadow(ctx, id);
    return one.review.publish(ctx, id);
  };
  const published = async ({ author, ada, bob }: ReturnType<typeof openTeam>, changed?: Record<string, string>) => {
    const { id } = await ready(author, changed);
    await vote(ada, id);
    return vote(bob, id);
  };
  const decideOn = (replica: Replica, ctx: CallContext, paths: string[]) =>
    replica.policy.decide(ctx, deletion({ paths }), 0).decision;

  it('leads from a draft over two people to every replica, and to no other team', async () => {
    const team = openTeam();
    const other = openTeam();
    const first = await draft(team.author);
    expect(first).toMatchObject({ status: 'draft', based_on: HOUSE_EPOCH, approvers_needed: 2, check: null });
    await expect(one.review.publish(team.author, first.id)).rejects.toMatchObject({ code: 'policy.not_validated' });
    const checked = await one.trials.validate(team.author, first.id);
    expect(checked.check).toMatchObject({ ok: true, problems: [], tests_failed: 0 });
    await expect(one.review.publish(team.author, first.id)).rejects.toMatchObject({ code: 'policy.not_shadowed' });
    await one.trials.shadow(team.author, first.id);
    const asked = await one.review.publish(team.author, first.id);
    expect(asked).toMatchObject({ status: 'awaiting_approval', can_decide: false });
    expect(asked.cannot_decide_because).toContain('Nobody approves the policies they wrote');
    await expect(vote(team.author, first.id)).rejects.toMatchObject({ code: 'approval.self_approval' });
    expect(await vote(team.ada, first.id)).toMatchObject({ status: 'awaiting_approval' });
    await expect(vote(team.ada, first.id)).rejects.toMatchObject({ code: 'approval.already_voted' });
    expect(decideOn(one, team.run, ['dist'])).toBe('allow');
    expect(await vote(team.bob, first.id)).toMatchObject({ status: 'published', epoch: HOUSE_EPOCH + 1 });

    await Promise.all([one.worker.look(), two.worker.look()]);
    for (const replica of [one, two]) {
      expect(decideOn(replica, team.run, ['dist'])).toBe('ask');
      expect(decideOn(replica, other.run, ['dist'])).toBe('allow');
    }
    const overview = await two.service.list(team.author, {});
    expect(overview).toMatchObject({ epoch: HOUSE_EPOCH + 1, policy_id: first.id, files: stricter() });
    for (const { worker } of [one, two]) {
      expect(overview.replicas).toContainEqual(
        expect.objectContaining({ id: worker.id, epoch: HOUSE_EPOCH + 1, alive: true, problem: null }),
      );
    }
    const facts = await test.database.inTeam(team.author, (tx) =>
      tx.query(`SELECT type, body FROM fact WHERE aggregate_id = $1`, [first.id]),
    );
    const people: Principal[] = [team.ada.principal, team.bob.principal];
    expect(facts).toMatchObject([{ type: 'governance.policy.published.v1', body: { epoch: 2, approvers: people } }]);
  });

  it('the same files are one draft, and a team sees only its own', async () => {
    const team = openTeam();
    const { id } = await draft(team.author);
    expect((await draft(team.author)).id).toBe(id);
    expect((await draft(team.bob)).id).not.toBe(id);
    await expect(one.service.get(openTeam().author, id)).rejects.toMatchObject({ code: 'policy.not_found' });
  });

  it('a bundle that breaks its own tests is never put before people', async () => {
    const { author } = openTeam();
    const { id } = await draft(author, {
      ...files(),
      'path-classes.yaml': files()['path-classes.yaml']!.replace('data/**', 'date/**'),
    });
    const { check } = await one.trials.validate(author, id);
    expect(check).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([{ path: expect.stringMatching(/^tests\//), message: expect.any(String) }]),
    });
    await expect(one.trials.shadow(author, id)).rejects.toMatchObject({ code: 'policy.bundle_invalid' });
    await expect(one.review.publish(author, id)).rejects.toMatchObject({ code: 'policy.not_validated' });
  });

  it('shadow replays what was decided lately and names who flips it', async () => {
    const team = openTeam();
    const action = deletion({ paths: ['dist'] });
    const { request } = questionOf(team.run, action);
    const { execution_id, step, index } = action;
    const decided = one.book.decide(request);
    const record = () =>
      test.database.inTeam(team.run, (tx) =>
        one.inputs.record(tx, { team: team.team, execution_id, step, index, request, inexact: false, decided }),
      );
    await record();
    await record();
    const { id } = await draft(team.author);
    const { shadow } = await one.trials.shadow(team.author, id);
    expect(shadow).toMatchObject({
      against: HOUSE_EPOCH,
      replayed: 1,
      flipped: 1,
      kinds: [{ from: 'allow', to: 'ask 2', count: 1 }],
      flips: [
        {
          execution_id,
          tool: 'file.delete@v1',
          from: 'allow',
          to: 'ask 2',
          policies: ['change-ordinary-files', 'change-protected-files'],
          from_policies: ['change-ordinary-files'],
          to_policies: ['change-protected-files'],
        },
      ],
    });
  });

  it('two at once: one comes into force, the other one was written from what is no longer in force', async () => {
    const team = openTeam();
    const { id: first } = await ready(team.author);
    const { id: second } = await ready(team.author, { ...stricter(), 'notes.cedar': '// Nothing.\n' });
    await Promise.all([vote(team.ada, first), vote(team.ada, second)]);
    const ends = await Promise.allSettled([vote(team.bob, first), vote(team.bob, second)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const statuses = await Promise.all(
      [first, second].map(async (id) => (await one.service.get(team.author, id)).status),
    );
    expect(statuses.sort()).toEqual(['published', 'superseded']);
    expect((await one.service.list(team.author, {})).epoch).toBe(HOUSE_EPOCH + 1);
    const late = await draft(team.author, { ...files(), 'late.cedar': '' });
    expect(late.based_on).toBe(HOUSE_EPOCH + 1);
    await expect(
      one.service.draft(team.author, input(DraftPolicy, { files: files(), based_on: HOUSE_EPOCH + 2 })),
    ).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('an approver who was removed meanwhile does not count', async () => {
    const team = openTeam();
    const { id } = await ready(team.author);
    await vote(team.ada, id);
    const { id: user_id, name: email } = team.ada.principal;
    await test.database.inTeam(team.author, (tx) =>
      one.members.apply(tx, team.team, 1, { user_id, email, role: null, active: true }),
    );
    expect(await vote(team.bob, id)).toMatchObject({ status: 'awaiting_approval' });
    expect(await vote(approver(team.team, person('cy')), id)).toMatchObject({ status: 'published' });
  });

  it.each([
    ['a viewer', (team: string) => callContext({ team, roles: ['viewer'] }), 'approval.role_missing'],
    [
      'an agent',
      (team: string) => callContext({ team, principal: { kind: 'agent', id: 'a', name: 'a' }, roles: ['admin'] }),
      'approval.role_missing',
    ],
  ])('%s approves nothing', async (_name, who, code) => {
    const { team, author } = openTeam();
    const { id } = await ready(author);
    await expect(vote(who(team), id)).rejects.toMatchObject({ code });
  });

  it('a no needs a reason, and one is enough', async () => {
    const { author, ada, bob } = openTeam();
    const { id } = await ready(author);
    await expect(vote(ada, id, 'reject')).rejects.toMatchObject({ code: 'approval.reason_required' });
    expect(await vote(ada, id, 'reject', 'Too strict.')).toMatchObject({
      status: 'rejected',
      votes: [{ reason: 'Too strict.' }],
    });
    await expect(vote(bob, id)).rejects.toMatchObject({ code: 'approval.not_pending' });
  });

  it('a yes after the deadline is none', async () => {
    const { author, ada } = openTeam();
    const { id } = await ready(author);
    await test.database.inTeam(author, (tx) =>
      tx.query(`UPDATE policy SET expires_at = clock_timestamp() WHERE id = $1`, [id]),
    );
    expect(await one.service.get(ada, id)).toMatchObject({ status: 'expired', can_decide: false });
    await expect(vote(ada, id)).rejects.toMatchObject({ code: 'approval.expired' });
    expect((await one.service.list(author, {})).epoch).toBe(HOUSE_EPOCH);
  });

  it('old content comes back under a new epoch with one person’s yes, the shipped one too', async () => {
    const team = openTeam();
    const { id } = await published(team);
    const { items } = await one.service.list(team.author, {});
    const shipped = items.find(({ epoch }) => epoch === HOUSE_EPOCH)!;
    const back = (which: string) =>
      one.review.rollback(team.author, input(RollBackPolicy, { policy_id: which, reason: 'It hurts.' }));
    await expect(back(id)).rejects.toMatchObject({ code: 'policy.in_force' });
    const asked = await back(shipped.id);
    expect(asked).toMatchObject({
      status: 'awaiting_approval',
      returns_to: HOUSE_EPOCH,
      approvers_needed: 1,
      files: files(),
    });
    await expect(vote(team.author, asked.id)).rejects.toMatchObject({ code: 'approval.self_approval' });
    expect(await vote(team.ada, asked.id)).toMatchObject({ status: 'published', epoch: HOUSE_EPOCH + 2 });
    await one.worker.look();
    expect(decideOn(one, team.run, ['dist'])).toBe('allow');
    expect(one.policy.decide(team.run, deletion({ paths: ['dist'] }), 0).policy_epoch).toBe(HOUSE_EPOCH + 2);
  });

  describe('a bundle whose signature does not fit', () => {
    const forge = (team: string, id: string) =>
      test.database.inTeam({ team }, (tx) =>
        tx.query(`UPDATE policy SET files = jsonb_set(files, '{effects.cedar}', '"// nothing"') WHERE id = $1`, [id]),
      );

    it('is not taken: what was in force stays', async () => {
      const team = openTeam();
      await published(team);
      await one.worker.look();
      const { id } = await published(team, { ...files(), 'notes.cedar': '// Open again.\n' });
      await forge(team.team, id);
      await one.worker.look();
      expect(decideOn(one, team.run, ['dist'])).toBe('ask');
      const { replicas } = await one.service.list(team.author, {});
      const own = replicas.find(({ id: replica }) => replica === one.worker.id);
      expect(own).toMatchObject({ epoch: HOUSE_EPOCH + 1, problem: expect.stringContaining('signature') });
    });

    it('at the start denies everything, until one comes that fits', async () => {
      const team = openTeam();
      const { id } = await published(team);
      await forge(team.team, id);
      const late = await openReplica(test, home);
      await late.worker.look();
      expect(decideOn(late, team.run, ['src/a'])).toBe('deny');
      expect(decideOn(late, openTeam().run, ['src/a'])).toBe('allow');
    });
  });
});
