import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../parts';
import { ringfenceProgram } from '../ringfence';
import { becomes, ServerProcess } from '../servers/process';

/** One `ringfence serve`, as an operator runs it: a process of its own, restarted after it was killed. */
export class ServiceProcess {
  readonly logPath: string;
  private server: ServerProcess | null = null;
  /** Where in the log the present process began to write. */
  private from = 0;

  constructor(
    readonly name: string,
    private readonly dir: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    mkdirSync(dir, { recursive: true });
    this.logPath = join(dir, `${name}.jsonl`);
  }

  get running(): boolean {
    return this.server?.running ?? false;
  }

  /** Does nothing if it runs. */
  start(): void {
    if (this.running) return;
    this.from = existsSync(this.logPath) ? statSync(this.logPath).size : 0;
    this.server = ServerProcess.start({
      name: this.name,
      dir: this.dir,
      command: [process.execPath, ringfenceProgram, 'serve'],
      cwd: projectFolder,
      env: this.environment,
      logPath: this.logPath,
    });
  }

  async kill(): Promise<void> {
    await this.server?.kill();
  }

  async stop(): Promise<void> {
    await this.server?.stop(20_000);
  }

  freeze(): void {
    this.server?.freeze();
  }

  thaw(): void {
    this.server?.thaw();
  }

  /** Resolves when it has checked its database and begun to serve, whether or not it owns a switch. */
  async serves(withinMs = 40_000): Promise<void> {
    await this.comes(() => this.lines.includes('"event":"serving"'), 'does not serve', withinMs);
  }

  /** Whether it holds the event stream of its switch, by its own word. */
  get connected(): boolean {
    if (!this.running) return false;
    const words = /"event":"(switch_connected|switch_disconnected|switch_application_replaced)"/g;
    return [...this.lines.matchAll(words)].at(-1)?.[1] === 'switch_connected';
  }

  /** Whether it has logged such a fault of the ledger since `from` (ms since 1970), and went on. */
  toldOf(code: string, from: number): boolean {
    return this.lines.split('\n').some(line => {
      if (!line.includes(`"code":"${code}"`)) return false;
      return Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '') >= from;
    });
  }

  /** @throws Error with the end of its log if it is not connected within `withinMs`. */
  async connects(withinMs = 15_000): Promise<void> {
    await this.comes(() => this.connected, 'is not connected', withinMs);
  }

  /** The log of the present process. */
  private get lines(): string {
    if (!existsSync(this.logPath)) return '';
    return readFileSync(this.logPath).subarray(this.from).toString();
  }

  private async comes(condition: () => boolean, what: string, withinMs: number): Promise<void> {
    if (await becomes(() => this.running && condition(), withinMs)) return;
    const state = this.running ? what : 'has ended';
    throw new Error(`${this.name} ${state}; the end of its log:\n${this.lines.slice(-2_000)}`);
  }
}
