import { generate } from '#sample';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, CHECKOUT, passwordOf, type Settings, SuiteProcess } from '../suite-process.js';
import { ConsoleBrowser } from './browser.js';
import type { Account, Visitor } from './visitor.js';

export const TIDY = readFileSync(join(CHECKOUT, 'examples/tidy/tidy.yaml'), 'utf8');
export const ADMIN_ACCOUNT: Account = ADMIN;

/** A suite and a browser, with the sample's playbook registered: what a test of the console begins with. */
export class Stage {
  private constructor(
    readonly suite: SuiteProcess,
    readonly chrome: ConsoleBrowser,
  ) {}

  static async open(settings: Settings = {}): Promise<Stage> {
    const suite = await SuiteProcess.open(settings);
    try {
      await suite.admin.register(TIDY);
      return new Stage(suite, await ConsoleBrowser.open());
    } catch (error) {
      await suite.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.chrome.close();
    await this.suite.close();
  }

  /** Another member, with a password of their own. */
  async account(name: string, role: string, team = this.suite.team): Promise<Account> {
    const email = `${name}@example.org`;
    await this.suite.person(email, role, team);
    return { email, password: passwordOf(email) };
  }

  /** Somebody signed in, on this page. */
  async visitor(account: Account, path?: string, options = {}): Promise<Visitor> {
    const visitor = await this.chrome.visitor(this.suite.url, options);
    await visitor.signIn(account, path);
    return visitor;
  }

  /** A fresh project of the sample. */
  project(name: string): string {
    return generate(join(this.suite.workspaces, name));
  }

  /** The sample, up to the action that waits for a person. */
  async waiting(name: string): Promise<{ id: string; folder: string; approval: string }> {
    const folder = this.project(name);
    const id = await this.suite.admin.submit('tidy', folder);
    await this.suite.admin.paused(id);
    return { id, folder, approval: await this.suite.admin.pendingApproval(id) };
  }
}
