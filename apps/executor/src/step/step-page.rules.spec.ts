import { expect, it } from '@jest/globals';
import { stepsOnPage } from './step-page.rules.js';

it.each([
  ['no step', [], 0],
  ['as many steps as a page has', [1, 1, 1], 3],
  ['one step more', [1, 1, 1, 1], 3],
  ['actions that just fit', [4, 6, 0], 3],
  ['one action too many', [4, 6, 1], 2],
  ['a first step that is more than a page', [50, 1], 1],
  ['such a step later on', [1, 50, 1], 1],
  ['a first step that is more than a page, and then one without actions', [50, 0], 1],
])('a page holds of %s its part', (_, actions, count) => {
  expect(
    stepsOnPage(
      actions.map((n) => ({ actions: n })),
      { steps: 3, actions: 10 },
    ),
  ).toBe(count);
});
