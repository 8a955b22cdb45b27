import { type CallContext, type governance, invalidInput } from '#contracts';
import { AppError, isUuid } from '#kernel';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { MemberRepository } from '../member/member.repository.js';
import { ownerUnknown } from './violation.errors.js';
import { ViolationRepository, type ViolationRow } from './violation.repository.js';
import { assertChange } from './violation.rules.js';

const PAGE = 50;

/** What people do with violations. */
@Injectable()
export class ViolationService {
  constructor(
    private readonly database: Database,
    private readonly violations: ViolationRepository,
    private readonly members: MemberRepository,
  ) {}

  /** @throws AppError `input.invalid` for a cursor that is none */
  async list(ctx: CallContext, input: governance.ListViolations): Promise<governance.ViolationPage> {
    const { cursor, limit = PAGE, ...wanted } = input;
    if (cursor !== undefined && !isUuid(cursor)) {
      throw invalidInput([{ path: '/cursor', message: 'must be the next_cursor of the page before' }]);
    }
    const rows = await this.database.inTeam(ctx, (tx) =>
      this.violations.list(tx, { ...wanted, before: cursor, limit: limit + 1 }),
    );
    const items = rows.slice(0, limit).map(view);
    return { items, next_cursor: rows.length > limit ? items.at(-1)!.id : null };
  }

  /** @throws AppError `violation.not_found` */
  get(ctx: CallContext, id: string): Promise<governance.ViolationView> {
    return this.database.inTeam(ctx, async (tx) => view(await this.violations.get(tx, id)));
  }

  /** @throws AppError `violation.not_found`, `.note_required`, `.owner_unknown`, `.nothing_to_change`, `.moved_on` */
  async change(ctx: CallContext, input: governance.ChangeViolation): Promise<governance.ViolationView> {
    assertChange(input);
    return this.database.inTeam(ctx, async (tx) => {
      const before = await this.violations.get(tx, input.id);
      if (input.owner) {
        const [owner] = await this.members.known(tx, [input.owner]);
        if (!owner?.active || !owner.role) throw ownerUnknown();
      }
      const changed = await this.violations.change(tx, ctx, input);
      if (changed) return view(changed);
      const message = `The violation is ${before.status.replace('_', ' ')} and cannot become ${input.status!.replace('_', ' ')}.`;
      throw new AppError('violation.moved_on', message);
    });
  }
}

const view = (row: ViolationRow): governance.ViolationView => {
  const { id, agent_id, policy_id, violation_type, severity, sentence, details, execution_id, step } = row;
  return {
    ...{ id, agent_id, policy_id, violation_type, severity, sentence, details, execution_id, step },
    occurred_at: row.occurred_at.toISOString(),
    status: row.status,
    owner: row.owner,
    due_at: row.due_at?.toISOString() ?? null,
    changes: row.changes,
  };
};
