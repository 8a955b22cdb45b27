import type { executor } from '#contracts';
import type { Locator } from 'playwright-core';
import { actionsOf } from '../caller.js';
import type { Visitor } from './visitor.js';

export const FACTS = ['predicted', 'decided', 'done', 'verified', 'undone'] as const;
export type Facts = Record<(typeof FACTS)[number], string>;

/** What a page shows of an action: its key and the words of its facts. */
export interface Shown {
  key: string;
  facts: Facts;
}

/** The page of one execution, as a person reads it. */
export class Monitor {
  constructor(
    readonly visitor: Visitor,
    readonly id: string,
  ) {}

  static async open(visitor: Visitor, id: string): Promise<Monitor> {
    await visitor.goto(`/executions/${id}`);
    const monitor = new Monitor(visitor, id);
    await monitor.run.waitFor();
    return monitor;
  }

  /** What the run is and how it stands. */
  get run(): Locator {
    return this.visitor.page.getByRole('region', { name: 'The run' });
  }

  get steps(): Locator {
    return this.visitor.page.getByRole('list', { name: 'Steps' });
  }

  step(number: number): Locator {
    return this.steps
      .getByRole('listitem')
      .filter({ has: this.visitor.link(new RegExp(`^Step ${number}, link to it$`)) });
  }

  /** The line of an action, opened by its button. */
  call(step: number, tool: string): Locator {
    return this.step(step).getByRole('button', { name: new RegExp(`^${tool}`), expanded: false });
  }

  /** Waits until the run is said to be `status`. */
  async is(status: string): Promise<void> {
    await this.run.getByText(status, { exact: true }).first().waitFor();
  }

  /** Numbers of the steps on the page, in their order. */
  numbers(): Promise<number[]> {
    return this.steps
      .getByRole('article')
      .evaluateAll((steps: any[]) => steps.map((step) => Number(step.querySelector('a').textContent)));
  }

  /** Every action on the page. */
  shown(): Promise<Shown[]> {
    return this.visitor.page.locator('[data-action]').evaluateAll((actions: any[]) =>
      actions.map((action) => ({
        key: action.dataset.action,
        facts: Object.fromEntries(
          [...action.querySelectorAll('[data-fact]')].map((cell) => [
            cell.dataset.fact,
            cell.querySelector('dd').textContent,
          ]),
        ) as Facts,
      })),
    );
  }

  async facts(step: number): Promise<Facts> {
    return (await this.shown()).find(({ key }) => key === `${this.id}/${step}/0`)!.facts;
  }

  /** Asks something of the run and confirms it. */
  async ask(request: string, confirm: string, reason?: string): Promise<void> {
    await this.visitor.button(request, this.visitor.page.getByRole('group', { name: 'Steer the run' })).click();
    const dialog = this.visitor.dialog();
    if (reason !== undefined) await dialog.getByLabel('Reason').fill(reason);
    await this.visitor.button(confirm, dialog).click();
    await dialog.waitFor({ state: 'detached' });
  }
}

/** What stands in the place of a fact that is not there. */
const ABSENT = new Set(['to come', 'not done', 'nothing to verify', 'nothing to undo', 'not predicted', 'not asked']);

/** Which facts are told of every action, by the page. */
export const toldBy = (shown: readonly Shown[]): string[] =>
  shown.map(({ key, facts }) => `${key} ${FACTS.filter((fact) => !ABSENT.has(facts[fact])).join()}`);

/** The same by the API. */
export const toldIn = (execution: executor.ExecutionResult): string[] =>
  actionsOf(execution).map((action) => `${action.key} ${FACTS.filter((fact) => action[fact]).join()}`);
