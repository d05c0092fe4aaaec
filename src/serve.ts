import { writeSync } from 'node:fs';
import type { Knex } from 'knex';
import pino, { type Logger } from 'pino';
import { FactorWatch } from './access/factor-watch';
import { forgetApprovals } from './accounts/approvals';
import { longAccountcodes } from './accounts/long-accountcodes';
import type { Alarms } from './alarms/alarm';
import { AlarmBoard } from './alarms/alarm-board';
import { AccountWatch } from './calls/account-watch';
import { LedgerMetrics } from './calls/ledger-metrics';
import { openCallStore } from './calls/open-call-store';
import { overrunMetric } from './calls/overrun-metric';
import { Reconciler } from './calls/reconciler';
import { StartMetrics } from './calls/start-metrics';
import type { SwitchEvent } from './calls/switch-port';
import { Switchboard } from './calls/switchboard';
import { touchedAccounts } from './calls/touched-accounts';
import { UnreadableLog } from './calls/unreadable-log';
import { insertEvents } from './credit/call-store';
import { settlementRefused } from './credit/change-event';
import { Ledger, type LedgerOptions } from './credit/ledger';
import { emergencyGrant } from './credit/rules/start';
import { booksIdOf } from './database/books-id';
import { openDatabase } from './database/connection';
import { type Distance, distanceOf } from './database/distance';
import { checkSchema } from './database/migrate';
import { checkPrivileges } from './database/privileges';
import { sqlOf } from './database/rows';
import { removeAbandoned } from './decks/deck-store';
import type { DoorTable } from './doors/door-kind';
import { doorMetrics } from './doors/door-metrics';
import { DOORS, doorNodes, doorProblems, doorsOf, isAnyDoorOpen } from './doors/doors';
import { hangUpOn } from './doors/hang-up';
import { oneAtATime } from './evidence/one-at-a-time';
import { switchRecords } from './evidence/switch-records';
import { TableWatch } from './evidence/table-watch';
import { ApiServer } from './http/api-server';
import { startJobs } from './jobs/job-runner';
import { GATHERED_MS, LogOutput, mayBlock, standardOutput } from './log/log-output';
import { LogWatch } from './log/log-watch';
import { mailerOf } from './mail/mailer';
import { EventLoopWatch } from './metrics/event-loop';
import { MetricsListener } from './metrics/metrics-listener';
import { Readiness } from './metrics/readiness';
import { LeaseTable } from './ownership/lease-store';
import { NodeKeeper, type NodeKeeperOptions } from './ownership/node-keeper';
import { ownName } from './ownership/process-identity';
import { strangerOn } from './ownership/switch-books';
import { giveWay } from './process/give-way';
import { RouteTable } from './routes/route-table';
import { NOTHING_TO_SERVE, SETTINGS, type Settings, SettingsError } from './settings';
import type { AriAddress } from './switches/asterisk/ari-address';
import { AriListener } from './switches/asterisk/ari-listener';
import { AsteriskSwitch } from './switches/asterisk/asterisk-switch';
import { RoundTrips } from './switches/asterisk/round-trips';
import { ProxyGate } from './switches/proxy/proxy-gate';
import { PROXY_SETTINGS, startWithinMs } from './switches/proxy/proxy-settings';
import { startEventService } from './webhooks/event-service';

/** How long a webhook post in progress may delay a stopping service. Ms. */
const EVENT_GRACE_MS = 1_000;

const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** How long the last lines of log may take to be written. Ms. */
const FLUSH_MS = 1_000;

/** How long the answers to a door's requests may take when the service stops. Ms. */
const DOOR_GRACE_MS = 3_000;

export interface ServeOptions {
  /** Serve switches also if calls of other books are in progress there; those calls are left alone. */
  takeOver?: boolean;
  /** The output of `log`, if it may lose lines. */
  output?: LogOutput;
  /** The doors for which the settings were read. */
  doors?: DoorTable;
}

/** Reports the end of a call that the database refuses: an alarm while it does, and an event, once. */
function refusedEnds(database: Knex, alarms: Alarms, log: Logger): NonNullable<LedgerOptions['onEndRefused']> {
  const told = new Set<string>();
  return ({ uniqueid, accountcode }, code) => {
    if (code === null) {
      told.delete(uniqueid);
      alarms.clear('settlement_refused', uniqueid);
      return;
    }
    const what = `the database refuses the end of this call of account ${JSON.stringify(accountcode)} (${code})`;
    const meaning = 'its charge is not booked and its money stays held';
    const todo = 'correct what the log line ledger_fault names, such as a balance that is too large; it is tried again';
    alarms.raise({ alarm: 'settlement_refused', subject: uniqueid, details: `${what}: ${meaning}; ${todo}` });
    if (told.has(uniqueid)) return;
    told.add(uniqueid);
    insertEvents(sqlOf(database), [settlementRefused({ uniqueid, accountcode }, code)]).catch(error =>
      log.warn({ event: 'event_not_written', uniqueid, error: String(error) }),
    );
  };
}

/** Warns if calls would be refused as soon as anything takes time besides the way to the database. */
function tellDistance({ roundTripMs, startMs }: Distance, settings: Settings, log: Logger): void {
  const { startDeadlineMs } = settings;
  const { proxy } = settings.doors;
  const ofProxy = proxy.rpc ? startWithinMs(proxy) : Number.POSITIVE_INFINITY;
  const deadlineMs = Math.min(startDeadlineMs, ofProxy);
  const facts = {
    round_trip_ms: Math.round(roundTripMs * 10) / 10,
    start_ms: Math.round(startMs),
    deadline_ms: deadlineMs,
  };
  if (startMs <= deadlineMs / 2) log.info({ event: 'database_distance', ...facts });
  else {
    const raised = [
      ...(startMs > startDeadlineMs / 2 ? [SETTINGS.startDeadlineMs.variable] : []),
      ...(startMs > ofProxy / 2 ? [`${PROXY_SETTINGS.answerWithinMs.variable} (docs/doors/call-control.md)`] : []),
    ];
    const todo = `move the service nearer to its database, or raise ${raised.join(' and ')}`;
    log.warn({ event: 'database_far', ...facts, todo });
  }
}

/** A running service. */
export interface Service {
  /** Takes no call from now on, settles those that ended, and leaves those in progress to the next start. */
  stop(): Promise<void>;
  /** Calls carried now. */
  carried(): number;
}

/**
 * Starts serving every configured switch. Resolves when the database was checked and the service is connecting to the switches, which it
 * never gives up.
 * @throws SettingsError without a switch and a door; SchemaError, DatabaseFault if there is no database to serve from; Error if it cannot
 * listen at the address for Asterisk's connections, or at a door's.
 */
export async function startService(
  settings: Settings,
  log: Logger,
  { takeOver = false, output, doors: kinds = DOORS }: ServeOptions = {},
): Promise<Service> {
  const isIdle = settings.switches.length === 0 && settings.http === null && !isAnyDoorOpen(settings.doors, kinds);
  const problems = [...(isIdle ? [NOTHING_TO_SERVE] : []), ...doorProblems(settings.doors, kinds)];
  if (problems.length > 0) throw new SettingsError(problems);
  const database = openDatabase(settings.databaseUrl);
  const limits = { maxCallSeconds: settings.maxCallSeconds, barredPrefixes: settings.barredPrefixes };
  const routes = new RouteTable(database, {
    startDeadlineMs: settings.startDeadlineMs,
    onFault: error => log.warn({ event: 'routes_not_read', error: String(error) }),
  });
  const alarms = new AlarmBoard({ database, reporter: ownName(), log });
  const logWatch = output ? new LogWatch(output, alarms) : null;
  const loop = new EventLoopWatch();
  const starts = new StartMetrics();
  const committed = new LedgerMetrics();
  const roundTrips = new RoundTrips();
  const unreadable = new UnreadableLog(line => log.warn(line));
  const ledger = new Ledger({
    databaseUrl: settings.databaseUrl,
    lanes: settings.ledgerLanes,
    limits,
    startDeadlineMs: settings.startDeadlineMs,
    batchDeadlineMs: settings.batchDeadlineMs,
    leaseOf: node => keepers.map(keeper => keeper.leaseFor(node)).find(lease => lease !== null) ?? null,
    doors: doorNodes(settings.doors, kinds),
    onStart: report => starts.observe(report),
    onBatch: operations => committed.batch(operations),
    onEnd: report => committed.end(report),
    onUnreadable: what => unreadable.note(what, performance.now()),
    stoodStillMs: () => loop.stoodStillMs(),
    onEndRefused: refusedEnds(database, alarms, log),
    log,
  });
  const { rpc } = settings.doors.proxy;
  const gate = rpc ? new ProxyGate({ settings: { ...settings.doors.proxy, rpc }, database, log }) : null;
  const records = oneAtATime(
    switchRecords(database, settings.evidenceFiles, error =>
      log.warn({ event: 'records_not_read', error: String(error) }),
    ),
  );
  const { emergencyNumbers, maxCallSeconds, warnSound, ringSeconds, pinKeys, secondPersonAbove } = settings;
  const doors = doorsOf(
    settings.doors,
    {
      gate,
      ledger,
      database,
      records,
      emergencyNumbers,
      maxCallSeconds,
      limits,
      warnSound,
      ringSeconds,
      routes,
      pinKeys,
      secondPersonAbove,
      log,
    },
    kinds,
  );
  const switchboard = new Switchboard({
    ledger,
    records,
    routes,
    emergencyNumbers: settings.emergencyNumbers,
    policy: {
      ringSeconds: settings.ringSeconds,
      trunkSilenceMs: settings.trunkSilenceSeconds * 1000,
      prompts: settings.prompts,
      warnSound: settings.warnSound,
      causeWaitMs: 1_000,
      brakeMs: 500,
      emergencyGrant: emergencyGrant(limits),
    },
    log,
  });
  const readiness = new Readiness(database);
  const api = settings.http
    ? new ApiServer({
        listen: settings.http,
        peers: settings.httpPeers,
        proxies: settings.httpProxies,
        requestsPerSecond: settings.httpRate,
        uploadLimits: { mostBytes: settings.httpUploadMb * 1_000_000 },
        databaseUrl: settings.databaseUrl,
        service: { ...settings, hangUpOn: node => hangUpOn(settings, node), mailer: mailerOf(settings) },
        callsWait: () => ledger.isBusy,
        readiness,
        alsoForget: async books => {
          await forgetApprovals(books);
          await removeAbandoned(books);
        },
        log,
      })
    : undefined;
  const metrics = settings.metrics
    ? new MetricsListener({
        listen: settings.metrics,
        peers: settings.metricsPeers,
        databaseUrl: settings.databaseUrl,
        metrics: () => [
          ...switchboard.metrics,
          ...starts.metrics,
          ...committed.metrics(ledger.waiting),
          ...roundTrips.metrics,
          ...loop.metrics,
          overrunMetric(ledger.overruns),
          ...unreadable.metrics,
          ...alarms.metrics,
          ...(logWatch?.metrics ?? []),
          ...doorMetrics(doors),
          ...(api?.metrics ?? []),
        ],
        readiness,
        log,
      })
    : undefined;
  const listener = settings.ariListen ? new AriListener(settings.ariListen, log) : undefined;
  let books: string;
  try {
    await checkSchema(database);
    const lacking = await checkPrivileges(database);
    if (lacking !== null) log.warn({ event: 'privileges_missing', detail: lacking });
    tellDistance(await distanceOf(database), settings, log);
    const tooLong = await longAccountcodes(database);
    if (tooLong !== null) log.error({ event: 'accountcode_too_long', detail: tooLong });
    books = await booksIdOf(database);
    await routes.open();
    await ledger.open();
    await listener?.open();
    for (const door of doors) await door.open();
    await metrics?.open();
    await api?.open();
  } catch (error) {
    loop.close();
    logWatch?.close();
    await Promise.all([listener?.close(), metrics?.close(), api?.close(0)]);
    await alarms.close();
    await Promise.all([...doors.map(door => door.leave(0)), database.destroy(), ledger.close()]);
    throw error;
  }
  const leases = new LeaseTable(settings.databaseUrl, ownName());
  const openCalls = openCallStore(database);
  const reconciler = new Reconciler({
    switchboard,
    ledger,
    books,
    openCalls,
    records,
    emergencyNumbers: settings.emergencyNumbers,
    log,
  });
  const watch = new AccountWatch({ switchboard, accounts: touchedAccounts(database), log });
  const kept = new Set<string>();
  const asterisk = (address: AriAddress) => (onEvent: (event: SwitchEvent) => void) =>
    new AsteriskSwitch({
      address,
      application: settings.application,
      books,
      listener,
      requestDeadlineMs: settings.switchDeadlineMs,
      log,
      alarms,
      roundTrips,
      onEvent,
    });
  const switches: NodeKeeperOptions['connect'][] = settings.switches.map(asterisk);
  if (gate) switches.push(onEvent => gate.connect(onEvent));
  const keepers: NodeKeeper[] = switches.map(
    connect =>
      new NodeKeeper({
        connect,
        onEvent: (port, event) => reconciler.handle(port, event),
        leases,
        strangerOn: strangerOn({ books, lastSeen: openCalls.lastSeen, takeOver }),
        kept,
        log,
      }),
  );
  const tables = new TableWatch({
    database,
    nodes: () => [...kept].filter(node => node !== gate?.node),
    alarms,
    log,
  });
  for (const keeper of keepers) keeper.start();
  const events = startEventService({
    databaseUrl: settings.databaseUrl,
    allowed: settings.webhookAllow,
    keepDays: settings.eventDays,
    log,
  });
  // Where people log in.
  const factors = settings.http ? new FactorWatch({ database, keys: settings.pinKeys, alarms, log }) : undefined;
  void factors?.look();
  // A service that carries calls alone has neither the load nor a child.
  const jobs = settings.http
    ? startJobs({
        databaseUrl: settings.databaseUrl,
        service: ownName(),
        evidenceFiles: settings.evidenceFiles,
        log,
      })
    : undefined;
  log.info({
    event: 'serving',
    switches: [...settings.switches.map(({ origin }) => origin), ...(gate ? [gate.node] : [])],
    doors: doors.map(({ name }) => name),
  });

  const unsettled = () =>
    switchboard.waiting + reconciler.waiting + ledger.waiting + doors.reduce((sum, { waiting }) => sum + waiting, 0);

  return {
    carried: () => switchboard.carried,
    async stop() {
      readiness.stop();
      // First: a supervisor's signal may end the process of a job too, and the next one must not begin here.
      const jobsEnded = jobs?.stop().catch(error => log.warn({ event: 'jobs_not_ended', error: String(error) }));
      // If Asterisk keeps its events for us, new calls wait there for the next service instead of being refused by this one.
      await Promise.all(keepers.map(keeper => keeper.leaveEvents()));
      // Nothing waits for it before the calls are settled, so its failure must not end the process.
      const apiClosed = api
        ?.close(DOOR_GRACE_MS)
        .catch(error => log.warn({ event: 'api_not_closed', error: String(error) }));
      const left = Promise.all(doors.map(door => door.leave(DOOR_GRACE_MS)));
      switchboard.close();
      watch.close();
      tables.close();
      factors?.close();
      reconciler.close();
      await left;
      const deadline = performance.now() + settings.drainSeconds * 1000;
      while (unsettled() > 0 && performance.now() < deadline) {
        await new Promise(resolve => setTimeout(resolve, 20));
      }
      const operations = unsettled();
      if (operations > 0) log.error({ event: 'stopped_unsettled', operations });
      const live = switchboard.carried;
      switchboard.abandon();
      for (const door of doors) door.abandon();
      // After the last settlement, so that its events are reported; never for long, because calls may be waiting for the next service.
      const graceMs = Math.min(EVENT_GRACE_MS, Math.max(0, deadline - performance.now()));
      await Promise.all([...keepers.map(keeper => keeper.stop()), events.stop(graceMs)]);
      leases.close();
      logWatch?.close();
      await alarms.close();
      gate?.close();
      await Promise.all([apiClosed, jobsEnded]);
      // After everything that may take its time: a supervisor sees that the service stops.
      await metrics?.close();
      loop.close();
      await listener?.close();
      await ledger.close();
      await database.destroy();
      log.info({ event: 'stopped', live_calls: live });
    },
  };
}

/**
 * Serves until SIGTERM, SIGINT or SIGHUP; a second signal ends the process at once. SIGUSR1 does nothing: Node would open its debugger to
 * every user on the machine.
 * @throws as startService.
 */
export async function serve(settings: Settings, options: ServeOptions = {}): Promise<void> {
  process.on('SIGUSR1', () => undefined);
  const output = new LogOutput(standardOutput(), GATHERED_MS);
  // A process that a fault ends has lines that say what led to it. A file is written by a thread, which then comes too late.
  process.once('exit', () => output.leave(mayBlock() ? bytes => writeSync(1, bytes) : null));
  const log = pino({ level: settings.logLevel, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }, output);
  const service = await startService(settings, log, { ...options, output });
  // It carries no calls: what does, and the database, goes before it on this machine.
  if (settings.switches.length === 0 && !isAnyDoorOpen(settings.doors)) giveWay(process.pid);
  await new Promise<void>(resolve => {
    const stop = (signal: NodeJS.Signals) => {
      log.info({ event: 'stopping', signal });
      for (const other of ENDING) process.removeListener(other, stop);
      resolve();
    };
    for (const signal of ENDING) process.on(signal, stop);
  });
  await service.stop();
  // A reader that stands still would keep this process alive.
  if (await output.flush(FLUSH_MS)) return;
  // exit() waits for the thread that writes, which may never end.
  if (mayBlock()) process.kill(process.pid, 'SIGKILL');
  process.exit();
}
