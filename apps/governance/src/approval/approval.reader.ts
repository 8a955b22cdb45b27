import { type CallContext, type governance, invalidInput } from '#contracts';
import { isUuid } from '#kernel';
import { Database, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ApprovalRepository } from './approval.repository.js';
import { approvalSummary, approvalView, readerOf } from './approval.view.js';

const PAGE = 50;

/** What people see of approvals. */
@Injectable()
export class ApprovalReader {
  constructor(
    private readonly database: Database,
    private readonly approvals: ApprovalRepository,
  ) {}

  /** @throws AppError `input.invalid` for a cursor that is none */
  list(ctx: CallContext, input: governance.ListApprovals): Promise<governance.ApprovalPage> {
    const { cursor, limit = PAGE, ...filter } = input;
    if (cursor !== undefined && !isUuid(cursor)) {
      throw invalidInput([{ path: '/cursor', message: 'must be the next_cursor of the page before' }]);
    }
    return this.database.inTeam(ctx, async (tx) => {
      const rows = await this.approvals.list(tx, { ...filter, limit: limit + 1, before: cursor });
      const page = rows.slice(0, limit);
      const belongings = await this.approvals.belongings(tx, page);
      const look = { reader: readerOf(ctx), now: await this.approvals.now(tx) };
      return {
        items: page.map((row) => approvalSummary(row, belongings, look)),
        next_cursor: rows.length > limit ? page.at(-1)!.id : null,
      };
    });
  }

  /** @throws AppError `approval.not_found` */
  get(ctx: CallContext, id: string): Promise<governance.ApprovalView> {
    return this.database.inTeam(ctx, (tx) => this.view(tx, ctx, id));
  }

  /** @throws AppError `approval.not_found` */
  async view(tx: Tx, ctx: CallContext, id: string): Promise<governance.ApprovalView> {
    const approval = await this.approvals.get(tx, id);
    const look = { reader: readerOf(ctx), now: await this.approvals.now(tx) };
    return approvalView(approval, await this.approvals.belongings(tx, [approval]), look);
  }
}
