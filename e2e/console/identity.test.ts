import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DESKTOP, PHONE } from './browser.js';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const TEST_MS = 120_000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);

const optionsOf = async (visitor: Visitor): Promise<string[]> => {
  await visitor.field('Kept to').click();
  const names = await visitor.page.getByRole('option').allInnerTexts();
  await visitor.page.keyboard.press('Escape');
  return names;
};
const rolesOf = (visitor: Visitor): Promise<string[]> =>
  visitor.evaluate(
    `[...document.querySelectorAll('[role=dialog] [role=radiogroup]')].at(-1).innerText.match(/^(Viewer|Operator|Approver|Admin)$/gm)`,
  );
/** How far the lines of the rows end before the right edge of their table, in px. */
const missingOf = (visitor: Visitor, label: string): Promise<number[]> =>
  visitor.evaluate(`(() => {
    const table = document.querySelector('[role=table][aria-label="${label}"]').getBoundingClientRect();
    return [...document.querySelectorAll('[role=table][aria-label="${label}"] [role=rowgroup] [role=row]')]
      .map((row) => Math.round(table.right - row.getBoundingClientRect().right));
  })()`);

describe('a member who cannot sign in', () => {
  it(
    'is given a one-time password from the menu, and told when they come by whom',
    during(async () => {
      const { email } = await stage.account('lost', 'approver');
      const admin = await stage.visitor(ADMIN_ACCOUNT, '/settings/members');
      await admin.button(`Change ${email}`).click();
      await admin.page.getByRole('menuitem', { name: 'New one-time password …' }).click();
      await admin.button('Give a one-time password').click();
      await admin.reads('signs in with this password once', admin.dialog());
      const password = await admin.dialog().locator('code').innerText();
      await admin.field('I have passed it on').check();
      await admin.button('Close').click();

      const lost = await stage.chrome.visitor(stage.suite.url);
      lost.allow(/status of 403/);
      await lost.goto('/settings/account');
      await lost.fillIn({ email, password });
      await lost.heading('Choose your password').waitFor();
      await lost.reads('was given a one-time password of yours');
      await lost.field('One-time password').fill(password);
      await lost.field(/^New password/).fill('a password of my own');
      await lost.button('Save and go on').click();
      await lost.reads('was given a one-time password of yours');
      await lost.reads(ADMIN_ACCOUNT.email);
    }),
    TEST_MS,
  );

  it(
    'is not oneself, and one who has a password is refused to a mere admin of the team',
    during(async () => {
      const { email } = await stage.account('settled', 'viewer');
      const account = await stage.account('team-admin', 'admin');
      const admin = await stage.visitor(account, '/settings/members');
      admin.allow(/status of 403/);
      await admin.button(`Change ${account.email}`).click();
      await admin.page.getByRole('menuitem', { name: 'Change the role …' }).waitFor();
      expect(await admin.page.getByRole('menuitem', { name: /one-time/ }).count()).toBe(0);
      await admin.page.keyboard.press('Escape');
      await admin.button(`Change ${email}`).click();
      await admin.page.getByRole('menuitem', { name: 'New one-time password …' }).click();
      await admin.button('Give a one-time password').click();
      await admin.reads('Only an installation admin', admin.dialog());
    }),
    TEST_MS,
  );
});

describe('the page of keys', () => {
  it(
    'offers for a key what its type can be and the person can give',
    during(async () => {
      const visitor = await stage.visitor(await stage.account('maker', 'admin'), '/settings/keys');
      await visitor.button('New key').first().click();
      await visitor.field('Name').waitFor();
      expect(await rolesOf(visitor)).toEqual(['Viewer', 'Operator']);
      const agents = await optionsOf(visitor);
      expect(agents).toContain('execution.submit');
      expect(agents).not.toContain('member.write');
      await visitor.page.getByLabel('A service').check();
      expect(await rolesOf(visitor)).toEqual(['Viewer', 'Operator', 'Approver', 'Admin']);
      await visitor.page.getByLabel('Admin').check();
      const services = await optionsOf(visitor);
      expect(services).toContain('member.write');
      expect(services).not.toContain('team.create');
      expect(await visitor.field('Good for').getAttribute('placeholder')).toBe('any number of requests');
      await visitor.field('Name').fill('ci');
      await visitor.button('Make the key').click();
      await visitor.field('I have put it where it is needed').check();
      await visitor.button('Close').click();
      await visitor.reads('in 90d');
      await visitor.reads('Admin', visitor.page.getByRole('cell'));
    }),
    TEST_MS,
  );

  it(
    'says what a key may do now, not what it was made to do, and fits 360 px with all of it',
    during(async () => {
      const account = await stage.account('demoted', 'admin');
      const person = await stage.suite.personAgain(account.email);
      const made = [];
      for (const name of ['one', 'two']) {
        made.push(await person.post('/api/keys', { type: 'service', name, role: 'admin', usage_limit: 500 }));
      }
      const { id } = (await person.get('/api/auth/me')).body.user;
      const members = `/api/teams/${stage.suite.team}/members/${id}`;
      expect((await stage.suite.admin.call('PATCH', members, { body: { role: 'viewer' } })).status).toBe(200);
      await person.call('DELETE', `/api/keys/${made[0]!.body.id}`);

      const visitor = await stage.visitor(account, '/settings/keys', { viewport: PHONE });
      const live = visitor.page.getByRole('row').filter({ hasText: 'two' });
      for (const text of ['Viewer', 'active', 'uses: 0 of 500', 'last used never', 'expires in 90d']) {
        await visitor.reads(text, live);
      }
      await visitor.reads('Nothing', visitor.page.getByRole('row').filter({ hasText: 'one' }));
      const right = (await live.boundingBox())!;
      const button = (await visitor.button('Revoke two').boundingBox())!;
      expect(right.x + right.width - (button.x + button.width)).toBe(16);
      expect(await visitor.overflows()).toBe(false);
    }),
    TEST_MS,
  );
});

it.each([
  ['on a desktop', DESKTOP],
  ['360 px wide', PHONE],
])(
  'the lines of a table reach its right edge, or its scroll bar, %s',
  (_name, viewport) =>
    stage.chrome.during(async () => {
      const visitor = await stage.visitor(ADMIN_ACCOUNT, '/settings/members', { viewport });
      await visitor.reads(ADMIN_ACCOUNT.email, visitor.page.getByRole('table', { name: 'Members' }));
      for (const label of ['Members', 'Teams']) {
        for (const missing of await missingOf(visitor, label)) expect(missing).toBeLessThanOrEqual(0);
      }
    }),
  TEST_MS,
);
