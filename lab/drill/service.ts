import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../parts';
import { ringfenceProgram } from '../ringfence';
import { becomes, ServerProcess } from '../servers/process';

/** One `ringfence serve`, as an operator runs it: a process of its own, started again when it was killed. */
export class ServiceProcess {
  readonly logPath: string;
  private server: ServerProcess | null = null;
  /** Where in the log the process that runs now began to write. */
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

  /** Does nothing when it runs. */
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

  /** Whether it holds the event stream of its switch, by its own word. */
  get connected(): boolean {
    if (!this.running) return false;
    const lines = readFileSync(this.logPath, 'utf8').slice(this.from);
    const last = [...lines.matchAll(/"event":"(switch_connected|switch_disconnected|switch_application_replaced)"/g)];
    return last.at(-1)?.[1] === 'switch_connected';
  }

  /** @throws Error with the end of its log when it is not connected within `withinMs`. */
  async connects(withinMs = 15_000): Promise<void> {
    if (await becomes(() => this.connected, withinMs)) return;
    const log = existsSync(this.logPath) ? readFileSync(this.logPath, 'utf8').slice(this.from).slice(-2_000) : '';
    throw new Error(`${this.name} ${this.running ? 'is not connected' : 'has ended'}; the end of its log:\n${log}`);
  }
}
