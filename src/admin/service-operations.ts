/** What an operator sees of the whole service: which process acts for which switch, alarms, reports. */
import { type Static, Type } from 'typebox';
import { listAlarms, type ReportedAlarm } from '../alarms/alarm-store';
import type { ShownSetting } from '../config/setting';
import { lastVerdicts, PROOF_KINDS, type Verdict } from '../credit/verdict-store';
import {
  amountFact,
  factsOf,
  flagFact,
  instantFact,
  listFact,
  numberFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import type { Facts } from '../operator/facts';
import { invalid, textField } from '../operator/fields';
import { between, betweenOf, fields, operation } from '../operator/operation';
import { MOST_ROWS } from '../operator/page';
import { textBy, whole } from '../operator/schema';
import { zone } from '../operator/zoned-store';
import { listNodes, type NodeView } from '../ownership/node-store';
import { ownName } from '../ownership/process-identity';
import { type Report, reportNamed, reports, runReport, streamReport, within } from './reports';

/** Every switch, what an operator must correct, and how the books were proven last. */
export interface Status {
  nodes: NodeView[];
  alarms: ReportedAlarm[];
  verdicts: Verdict[];
}

const NODE = factsOf('Switch', {
  node: textFact("Asterisk's systemname"),
  owner: orNull(textFact('the process that acts for it; null if none does')),
  epoch: wholeFact('one more at each change of owner'),
  acquired_at: orNull(instantFact('since when that process has it')),
  lease_seconds: numberFact('until the lease ends; 0 or less: any process may take it'),
  live_calls: wholeFact('calls in progress'),
  talking: wholeFact('those of them that were answered'),
  past_limit: wholeFact('those that talk on although their limit is past'),
  overran: wholeFact('calls that ended within a day and had talked on beyond their limits'),
  seen_at: orNull(instantFact('when its calls were last compared with it')),
  switch_started_at: orNull(instantFact()),
});

const nodeFacts = (node: NodeView): Static<typeof NODE> => ({
  node: node.node,
  owner: node.owner,
  epoch: node.epoch,
  acquired_at: node.acquiredAt,
  lease_seconds: node.leaseSeconds,
  live_calls: node.liveCalls,
  talking: node.talking,
  past_limit: node.pastLimit,
  overran: node.overran,
  seen_at: node.seenAt,
  switch_started_at: node.switchStartedAt,
});

const ALARM = factsOf('Alarm', {
  alarm: textFact('what is wrong, such as endpoint_open: docs/operating.md has them all'),
  subject: textFact('with what: the name or the address of a switch, or the uniqueid of a call'),
  details: textFact('what that means, and what to do'),
  since_at: instantFact(),
  reporter: textFact('the process that reports it'),
});

const alarmFacts = ({ alarm, subject, details, sinceAt, reporter }: ReportedAlarm): Static<typeof ALARM> => ({
  alarm,
  subject,
  details,
  since_at: sinceAt,
  reporter,
});

const VERDICT = factsOf('Verdict', {
  kind: wordFact(PROOF_KINDS, 'what was read: every row, what follows an earlier proof, or what changed since a time'),
  verified_at: instantFact(),
  differences: wholeFact('0 if the books balance'),
  elapsed_ms: wholeFact(),
  actor: textFact('who had the books proven'),
});

const verdictFacts = (verdict: Verdict): Static<typeof VERDICT> => ({
  kind: verdict.kind,
  verified_at: verdict.verifiedAt,
  differences: verdict.differences,
  elapsed_ms: verdict.elapsedMs,
  actor: verdict.actor,
});

const status = operation({
  name: 'status',
  help: 'which process acts for which switch, how long its lease lasts, the calls in progress, what an operator has to correct, and how the books were proven last',
  example: 'status',
  roles: ['read', 'support', 'cashier', 'prices', 'admin'],
  fields: fields({}),
  arguments: [],
  refusals: [],
  run: async ({ database }): Promise<Status> => ({
    nodes: await listNodes(database),
    alarms: await listAlarms(database),
    verdicts: await lastVerdicts(database),
  }),
  answer: {
    kind: 'record',
    schema: factsOf('Status', {
      items: listFact(NODE, 'every switch'),
      total: wholeFact(),
      page: wholeFact(),
      limit: wholeFact(),
      alarms: listFact(ALARM, 'what an operator has to correct'),
      verdicts: listFact(VERDICT, 'the last proof of the books, of each kind that was made'),
    }),
    // In the form of a list that has one page.
    facts: ({ nodes, alarms, verdicts }) => ({
      items: nodes.map(nodeFacts),
      total: nodes.length,
      page: 1,
      limit: Math.max(1, nodes.length),
      alarms: alarms.map(alarmFacts),
      verdicts: verdicts.map(verdictFacts),
    }),
  },
});

/** The settings of a process. */
export interface SettingsView {
  /** Its unique name. */
  service: string;
  settings: readonly ShownSetting[];
}

const SETTING = factsOf('Setting', {
  name: textFact('the environment variable'),
  value: orNull(
    textFact('in use, without any password in it; null for none. Of a secret nothing but: set, or not set'),
  ),
  is_secret: flagFact('its value is never shown'),
  is_given: flagFact('the environment has it; otherwise it has its default'),
  default: orNull(textFact('null for none')),
  help: textFact(),
});

export const settingFacts = ({
  variable,
  meaning,
  fallback,
  value,
  isSecret,
  isGiven,
}: ShownSetting): Static<typeof SETTING> => ({
  name: variable,
  value,
  is_secret: isSecret,
  is_given: isGiven,
  default: fallback,
  help: meaning,
});

const settings = operation({
  name: 'settings',
  help: 'the settings of the service that answers, without secrets; on the command line those of its own environment',
  example: 'settings',
  // They tell where databases, switches and proxies are.
  roles: ['admin'],
  fields: fields({}),
  arguments: [],
  refusals: [],
  run: async ({ service: { shownSettings } }): Promise<SettingsView> => ({
    service: ownName(),
    settings: shownSettings,
  }),
  answer: {
    kind: 'record',
    schema: factsOf('Settings', {
      service: textFact('the process whose settings these are, by the name that status shows as owner and reporter'),
      items: listFact(SETTING, 'every setting that there is'),
    }),
    facts: view => ({ service: view.service, items: view.settings.map(settingFacts) }),
  },
});

/** The columns are those of the query. */
const REPORT_ROW = Type.Unsafe<Facts>(
  Type.Object(
    {},
    {
      title: 'ReportRow',
      description: 'by the names of the columns; without a name of a report: report, meaning',
      additionalProperties: orNull(Type.Union([amountFact(), textFact(), numberFact()])),
    },
  ),
);

/** @throws Refused report_not_found, field_invalid */
const askedOf = (name: string, { zone: of, ...period }: { from?: string; to?: string; zone?: string }): Report =>
  within(reportNamed(name), { ...betweenOf(period), ...(of !== undefined && { zone: of }) }, Date.now());

const report = operation({
  name: 'report',
  help: 'run a query of sql/reports; without a name, list them. Times are UTC, hours and days those of a zone; sums of calls are of the last 30 days if no period is given',
  example: 'report top-destinations',
  // Margins and carriers are not for a cashier.
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({
    name: Type.Optional(
      textBy((field, text) => textField(field, text, 100), {
        description: 'which report',
        unit: 'name',
        example: 'top-destinations',
      }),
    ),
    ...between('calls that started'),
    zone: Type.Optional(zone),
    limit: Type.Optional(
      whole(1, MOST_ROWS, { description: 'the most rows; all if not given', unit: 'rows', example: 100 }),
    ),
  }),
  arguments: ['name'],
  refusals: ['report_not_found'],
  run: async ({ database }, { name, limit, ...asked }): Promise<Facts[]> => {
    if (name !== undefined) return runReport(database, askedOf(name, asked), limit);
    const [field] = Object.entries(asked);
    if (field) throw invalid(...field, 'is of a report: name one');
    return reports().map(known => ({ report: known.name, meaning: known.meaning }));
  },
  read: async ({ database, signal }, { name = '', limit, ...asked }) => {
    if (!signal) throw new Error('a report is read until a signal, and there is none');
    return streamReport(database, askedOf(name, asked), { ...(limit !== undefined && { limit }), signal });
  },
  answer: { kind: 'rows', schema: REPORT_ROW, facts: rows => rows, none: 'nothing to report' },
});

export const SERVICE_OPERATIONS = [status, settings, report];
