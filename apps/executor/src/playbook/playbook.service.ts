import type { CallContext, executor } from '#contracts';
import { AppError, isAppError, type LocatedProblem } from '#kernel';
import { Database, once, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { Driver } from '../driver/driver.js';
import type { PinnedPlaybook } from '../execution/execution.entity.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import { bindInputs } from './inputs.rules.js';
import { parsePlaybook } from './parse.rules.js';
import { PlaybookDriver } from './playbook.driver.js';
import { PlaybookFile } from './playbook.entity.js';
import type { Playbook } from './playbook.types.js';

const PAGE = 50;

/** The team's playbook files; a run is pinned to one version of one. */
@Injectable()
export class PlaybookService {
  constructor(
    private readonly database: Database,
    private readonly tools: ToolRegistry,
  ) {}

  /** @throws AppError `playbook.invalid` with every problem located */
  async register(ctx: CallContext, input: executor.RegisterPlaybook): Promise<executor.PlaybookView> {
    const { name, digest, description, steps } = this.parse(input.source);
    const tools = toolsOf({ steps });
    const file = {
      team_id: ctx.team,
      digest,
      name,
      description: description ?? null,
      steps: steps.length,
      source: input.source,
    };
    return this.database.inTeam(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        await tx
          .createQueryBuilder()
          .insert()
          .into(PlaybookFile)
          .values(file as never)
          .orIgnore()
          .execute();
        return { ...view(await this.byDigest(tx, digest)), tools };
      }),
    );
  }

  /** Checks a file without keeping it. */
  async validate(source: string): Promise<executor.PlaybookView> {
    const { name, digest, description, steps } = this.parse(source);
    return {
      name,
      digest,
      description: description ?? null,
      steps: steps.length,
      tools: toolsOf({ steps }),
      created_at: new Date().toISOString(),
    };
  }

  get(ctx: CallContext, name: string): Promise<executor.PlaybookView> {
    return this.database.inTeam(ctx, async (tx) => {
      const file = await this.newest(tx, name);
      return { ...view(file), tools: toolsOf(this.parse(file.source)), source: file.source };
    });
  }

  /** The newest version of every name, in the order of names. */
  list(ctx: CallContext, input: executor.ListPlaybooks): Promise<executor.PlaybookPage> {
    const limit = input.limit ?? PAGE;
    return this.database.inTeam(ctx, async (tx) => {
      const rows: PlaybookFile[] = await tx.query(
        `SELECT DISTINCT ON (name) * FROM playbook WHERE name > $1 ORDER BY name, created_at DESC LIMIT $2`,
        [input.cursor ?? '', limit + 1],
      );
      const items = rows.slice(0, limit).map(view);
      return { items, next_cursor: rows.length > limit ? items.at(-1)!.name : null };
    });
  }

  /**
   * The version a run will use, with its inputs checked.
   * @throws AppError `playbook.not_found`, `playbook.inputs_invalid`
   */
  async pin(ctx: CallContext, choice: executor.PlaybookChoice): Promise<PinnedPlaybook> {
    const file = await this.database.inTeam(ctx, (tx) =>
      choice.digest ? this.byDigest(tx, choice.digest) : this.newest(tx, choice.name!),
    );
    const inputs = choice.inputs ?? {};
    bindInputs(this.parse(file.source), inputs);
    return { name: file.name, digest: file.digest, inputs };
  }

  async driver(ctx: CallContext, pinned: PinnedPlaybook): Promise<Driver> {
    return new PlaybookDriver(await this.pinned(ctx, pinned), pinned.inputs);
  }

  /** What a run pinned to it may use, `<name>@v<n>`, in the order of its steps. */
  async toolsOf(ctx: CallContext, pinned: PinnedPlaybook): Promise<string[]> {
    return toolsOf(await this.pinned(ctx, pinned));
  }

  private async pinned(ctx: CallContext, { digest }: PinnedPlaybook): Promise<Playbook> {
    const file = await this.database.inTeam(ctx, (tx) => this.byDigest(tx, digest));
    return this.parse(file.source);
  }

  private parse(source: string): Playbook {
    return parsePlaybook(source, this.tools.ids(), (tool, args) => this.argumentProblems(tool, args));
  }

  private argumentProblems(tool: string, args: unknown): LocatedProblem[] {
    try {
      this.tools.parse(tool, args);
      return [];
    } catch (error) {
      if (!isAppError(error) || error.code !== 'input.invalid') throw error;
      return error.details?.errors ?? [];
    }
  }

  private async byDigest(tx: Tx, digest: string): Promise<PlaybookFile> {
    return found(await tx.findOneBy(PlaybookFile, { digest }), digest);
  }

  private async newest(tx: Tx, name: string): Promise<PlaybookFile> {
    return found(await tx.findOne(PlaybookFile, { where: { name }, order: { created_at: 'DESC' } }), name);
  }
}

const found = (file: PlaybookFile | null, wanted: string): PlaybookFile => {
  if (!file) throw new AppError('playbook.not_found', `There is no playbook "${wanted}" in this team.`);
  return file;
};

const toolsOf = ({ steps }: Pick<Playbook, 'steps'>): string[] => [...new Set(steps.map(({ uses }) => uses))];

const view = ({ name, digest, description, steps, created_at }: PlaybookFile): executor.PlaybookView => ({
  name,
  digest,
  description,
  steps,
  created_at: created_at.toISOString(),
});
