/** The console in a real browser: a service that serves nothing else, on a database of the test's own, and people who look at it. */
import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { chromiumPath } from '../../lab/parts';
import { json } from '../cli/cli-fixture';
import type { TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { PASSWORD, Browser as Program, peopleService } from '../http/people-fixture';

// A test looks at many pages, and reads each with axe: on a starved machine that takes minutes.
jest.setTimeout(240_000);

/** How a page is looked at. */
export interface Look {
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  /** Of the browser: `en-GB` if not given. */
  locale?: string;
  timezoneId?: string;
}

export interface Seen {
  page: Page;
  context: BrowserContext;
  /** What went wrong in the page: errors of scripts, what its Content-Security-Policy refused, files that were not there. */
  faults: string[];
}

/** A browser that looks at a service. */
export interface Looking {
  url: string;
  browser: Browser;
  /** A browser of its own, not logged in, at a path. */
  visit(path: string, look?: Look): Promise<Seen>;
  /** The same, with that person logged in. */
  as(name: string, path: string, look?: Look): Promise<Seen>;
}

export interface ConsoleService extends Looking {
  /** Makes a person with these roles and a password. */
  person(name: string, roles: string, accountcode?: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startConsole(db: TestDatabase, more: Record<string, string> = {}): Promise<ConsoleService> {
  const service = await peopleService(db, more, { isProxied: false });
  const looking = await lookAt(service.port);
  return {
    ...looking,
    person: (name, roles, accountcode) => invite(db, service.port, name, roles, accountcode),
    async stop() {
      await looking.browser.close();
      await service.stop();
    },
  };
}

/** Makes a person with these roles and a password, at the service on that port. */
export async function invite(
  { url }: Pick<TestDatabase, 'url'>,
  port: number,
  name: string,
  roles: string,
  accountcode?: string,
): Promise<void> {
  const words = ['operator', 'invite', name, '--roles', roles];
  const { token } = await json(url, accountcode ? [...words, '--accountcode', accountcode] : words);
  const answer = await new Program(port).post('/invitation', { token, password: PASSWORD });
  if (answer.status !== 200) throw new Error(`${name} got no password: ${answer.text}`);
}

/** A browser for the console of the service on that port. The test closes it. */
export async function lookAt(port: number): Promise<Looking> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
  const url = `http://127.0.0.1:${port}`;

  async function open({ width = 1440, height = 900, ...look }: Look = {}): Promise<Seen> {
    const context = await browser.newContext({
      viewport: { width, height },
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      ...look,
    });
    // A page that never shows what is waited for fails in its own test, not by that test's time.
    context.setDefaultTimeout(25_000);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', error => faults.push(`script: ${error.message}`));
    page.on('console', message => {
      // A refusal of the API is an answer like any other; Chromium writes a line of it all the same.
      const isAnswer = message.text().startsWith('Failed to load resource') && message.location().url.includes('/api/');
      if (message.type() === 'error' && !isAnswer) faults.push(`console: ${message.text()}`);
    });
    return { page, context, faults };
  }

  async function visit(path: string, look?: Look): Promise<Seen> {
    const seen = await open(look);
    await seen.page.goto(url + path);
    return seen;
  }

  return {
    url,
    browser,
    visit,
    async as(name, path, look) {
      const seen = await open(look);
      // The entrance has tests of its own; here it would be most of the time.
      const program = new Program(port);
      const answer = await program.logIn(name, PASSWORD);
      if (answer.status !== 200) throw new Error(`${name} was not let in: ${answer.text}`);
      await seen.context.addCookies(
        program.cookies.map(pair => ({ ...pair, url, httpOnly: true, sameSite: 'Strict' as const })),
      );
      await seen.page.goto(url + path);
      await seen.page.locator('main#page').waitFor();
      return seen;
    },
  };
}

/** Logs in at the form that stands there; resolves when the page behind it is there. */
export async function logIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  // By their names, as the labels are in the language of the reader.
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.locator('main#page').waitFor();
}

/** Waits until that many are there: what a filter takes away goes before what it leaves has come. */
export const waitForCount = (those: Locator, count: number): Promise<true> =>
  eventually(async () => (await those.count()) === count || null, `${count} of ${those}`);

/** How each page is looked at by axe: both colours and both widths once. No colour of ours depends on the width. */
export const LOOKS = [
  ['light', 1440],
  ['dark', 360],
] as const;

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What hinders people with disabilities on the page as it stands, by WCAG 2.2 AA: [] if nothing that a program can find. */
export async function barriersOn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = (await page.evaluate(
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  )) as AxeResults;
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** How much wider the page is than the window: 0 for no scroll bar below. Pixels. */
export const overhangOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth') as Promise<number>;
