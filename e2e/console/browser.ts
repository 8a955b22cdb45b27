import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { Visitor } from './visitor.js';

/** As root without a sandbox of its own, without a GPU, and as few processes as it can do with. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--renderer-process-limit=2',
];
export const DESKTOP = { width: 1_440, height: 900 };
export const PHONE = { width: 360, height: 800 };

/**
 * One Chromium, in which any number of people have a browser of their own. What the console may not do (a violation of its
 * content policy, an error in the page or on its console) fails the test in which it happens.
 */
export class ConsoleBrowser {
  private readonly visitors: Visitor[] = [];

  private constructor(private readonly browser: Browser) {}

  static async open(): Promise<ConsoleBrowser> {
    const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
    return new ConsoleBrowser(await chromium.launch({ executablePath, args: ARGS, headless: true }));
  }

  get version(): string {
    return this.browser.version();
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /** Somebody who opens the console at `url`, not signed in yet. */
  async visitor(url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await this.context({ baseURL: url, ...options });
    const visitor = await Visitor.open(context);
    this.visitors.push(visitor);
    return visitor;
  }

  /** A context that nobody watches. */
  context(options: BrowserContextOptions): Promise<BrowserContext> {
    const [major] = this.version.split('.', 1);
    return this.browser.newContext({
      viewport: DESKTOP,
      locale: 'en-GB',
      reducedMotion: 'reduce',
      userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
      ...options,
    });
  }

  /**
   * A test with these browsers: it fails as well when a page complained, and then says where pictures of all pages are.
   * Whoever came in while it ran leaves with it.
   */
  async during(work: () => Promise<void>): Promise<void> {
    const before = this.visitors.length;
    try {
      await work();
      const problems = this.visitors.flatMap((visitor) => visitor.takeProblems());
      if (problems.length > 0) throw new Error(`a page complained:\n${problems.join('\n')}`);
    } catch (error) {
      const folder = mkdtempSync(join(tmpdir(), 'spectrace-pages-'));
      const said = await Promise.all(this.visitors.map((visitor, at) => visitor.picture(join(folder, `${at}.png`))));
      throw withPages(error as Error, said);
    } finally {
      await Promise.all(this.visitors.splice(before).map((visitor) => visitor.leave()));
    }
  }
}

/** The stack is what a test run prints. */
const withPages = (error: Error, pages: string[]): Error => {
  const frames = error.stack?.slice(error.stack.indexOf('\n    at ')) ?? '';
  error.message += `\npages as they were:\n${pages.join('\n')}`;
  error.stack = `${error.message}${frames}`;
  return error;
};
