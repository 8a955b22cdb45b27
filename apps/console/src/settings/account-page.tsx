import { Page } from '../page/page.js';
import { PasswordForm } from './password-form.js';
import { Appearance, Notices, Shortcuts } from './preferences.js';
import { Sessions } from './sessions.js';
import { WhoAmI } from './who-am-i.js';

export const AccountPage = () => (
  <Page title="My account">
    <WhoAmI />
    <Sessions />
    <PasswordForm />
    <Appearance />
    <Notices />
    <Shortcuts />
  </Page>
);
