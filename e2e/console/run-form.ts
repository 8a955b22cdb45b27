import type { Visitor } from './visitor.js';

/** Fills in the form of a run on the page that is open; its prediction is there when this returns. */
export const predict = async (
  visitor: Visitor,
  { task, playbook, folder }: { task: string; playbook: string; folder: string },
): Promise<void> => {
  await visitor.field(/^What is to be done/).fill(task);
  await visitor.page.getByRole('combobox', { name: /^Playbook/ }).click();
  await visitor.page.getByRole('option', { name: new RegExp(`^${playbook}`) }).click();
  await visitor.page.getByRole('combobox', { name: /^Workspace/ }).fill(folder);
  await visitor.page.keyboard.press('Control+Enter');
  await visitor.button('Proceed').waitFor();
};
