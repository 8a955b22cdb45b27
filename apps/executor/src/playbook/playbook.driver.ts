import type { Driver, DriverContext, DriverTurn } from '../driver/driver.js';
import { bindInputs } from './inputs.rules.js';
import { nextTurn } from './playbook.rules.js';
import type { Playbook } from './playbook.types.js';

/** A playbook as an agent. The constructor throws `playbook.inputs_invalid` when the inputs do not fit. */
export class PlaybookDriver implements Driver {
  private readonly inputs: Record<string, unknown>;

  constructor(
    private readonly playbook: Playbook,
    inputs: unknown,
  ) {
    this.inputs = bindInputs(playbook, inputs);
  }

  async next(context: DriverContext): Promise<DriverTurn> {
    return nextTurn(this.playbook, this.inputs, context.steps);
  }
}
