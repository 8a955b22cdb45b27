/** How many of these steps, each with its number of actions, a page of these sizes holds; the first always fits. */
export const stepsOnPage = (
  steps: readonly { actions: number }[],
  page: { steps: number; actions: number },
): number => {
  let actions = 0;
  const over = steps.findIndex((step, i) => {
    actions += step.actions;
    return i >= page.steps || (i > 0 && actions > page.actions);
  });
  return over === -1 ? steps.length : over;
};
