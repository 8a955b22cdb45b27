import { until } from '#testing';
import type { BrowserContext, Locator, Page } from 'playwright-core';

export interface Account {
  email: string;
  password: string;
}

const WAIT_MS = 45_000;
/** Counts what the content policy refuses; the browser's console would say it as well, in words that change. */
const WATCH = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('refused by the content policy: ' + violatedDirective + ' ' + blockedURI))`;
/** A page that asks somebody who is not signed in who they are. */
const NOBODY = /status of 401 .*\/api\/auth\/me/;

/** Somebody at the console, in a browser of their own. */
export class Visitor {
  private problems: string[] = [];
  private allowed: RegExp[] = [NOBODY];
  /** How often a page was loaded as a whole. */
  loads = 0;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.setDefaultTimeout(WAIT_MS);
    page.on('load', () => (this.loads += 1));
    page.on('pageerror', ({ message }) => this.problems.push(`error in the page: ${message}`));
    page.on('dialog', (dialog) => {
      this.problems.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (line) => {
      if (line.type() !== 'error') return;
      const said = `${line.text()} ${line.location().url}`;
      if (!this.allowed.some((pattern) => pattern.test(said))) this.problems.push(said);
    });
  }

  static async open(context: BrowserContext): Promise<Visitor> {
    await context.addInitScript(WATCH);
    return new Visitor(context, await context.newPage());
  }

  /** What the browser's console will say because of what a test does. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns);
  }

  takeProblems(): string[] {
    return this.problems.splice(0);
  }

  /** Where they are and a picture of it. */
  async picture(path: string): Promise<string> {
    if (this.page.isClosed()) return 'a closed page';
    await this.page.screenshot({ path }).catch(() => undefined);
    return `${path} of ${this.page.url()} ${this.takeProblems().join('; ')}`;
  }

  leave(): Promise<void> {
    return this.context.close();
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(path);
  }

  /** Fills in the form that is there and sends it. */
  async fillIn({ email, password }: Account): Promise<void> {
    await this.field('E-mail address').fill(email);
    await this.field(/^Password/).fill(password);
    await this.button('Sign in').click();
  }

  /** Opens a page, signs in, and is on it. */
  async signIn(account: Account, path = '/executions'): Promise<void> {
    await this.goto(path);
    await this.fillIn(account);
    await this.page.getByRole('navigation', { name: 'Pages' }).or(this.button('Open the menu')).first().waitFor();
  }

  button(name: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name, exact: typeof name === 'string' });
  }

  link(name: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByRole('link', { name, exact: typeof name === 'string' });
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  dialog(name?: string | RegExp): Locator {
    return this.page.getByRole('dialog', name === undefined ? {} : { name });
  }

  field(label: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByLabel(label).and(this.page.locator('input, textarea'));
  }

  /** Waits until this text can be seen. */
  async reads(text: string | RegExp, within: Page | Locator = this.page): Promise<void> {
    await within.getByText(text).first().waitFor();
  }

  /** When, by the clock of this machine, the page says something for the first time. */
  saysAt(text: string): Promise<number> {
    return this.evaluate(`new Promise((said) => {
      const look = () => document.body.innerText.includes(${JSON.stringify(text)}) && said(Date.now());
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
      look();
    })`);
  }

  async until(what: string, read: () => Promise<unknown>): Promise<void> {
    await until(what, async () => Boolean(await read()), WAIT_MS, 50);
  }

  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  /** Whether something on the page reaches beyond its right edge. */
  async overflows(): Promise<boolean> {
    return this.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  }
}
