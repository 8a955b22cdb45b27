import type { PermissionViolationError } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';

/** The same subject is told once in this time. */
const AGAIN_MS = 60_000;
/** Subjects end in ids: of more than so many in this time, the count has to do. */
const MOST_SUBJECTS = 20;

const WHAT =
  'the NATS server refused it: the graph of contracts does not say so, or the permissions are of another version';

/** What a NATS server refused to one connection, told loudly and not too often. */
export class Refusals {
  /** The first subject whose subscription was refused. */
  subscription: string | undefined;
  private readonly log = new Logger('nats');
  private told = new Set<string>();
  private toldSince = -Infinity;
  private untold = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly identity: string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  saw({ operation, subject }: Pick<PermissionViolationError, 'operation' | 'subject'>): void {
    if (operation === 'subscription') this.subscription ??= subject;
    if (this.now() - this.toldSince >= AGAIN_MS) this.begin();
    const refused = `${operation} ${subject}`;
    if (this.told.has(refused) || this.told.size >= MOST_SUBJECTS) {
      this.untold += 1;
      return;
    }
    this.told.add(refused);
    this.log.error({
      ...{ identity: this.identity, operation, subject, what: WHAT },
      ...(this.untold > 0 && { more_before: this.untold }),
    });
    this.untold = 0;
  }

  private begin(): void {
    this.told = new Set();
    this.toldSince = this.now();
  }
}
