/** cnxcc's commands from a real Kamailio with the configuration of docs/doors.md, driven by SIPp. */
import { readFileSync } from 'node:fs';
import { findFreePort } from '../../../lab/servers/ports';
import { eventually } from '../../eventually';
import { documentedBlocks, type ProxyExchange, startProxyExchange } from '../proxy/proxy-fixture';

const HEADING = "Kamailio, cnxcc's commands";
let exchange: ProxyExchange;
let port: number;

/** What the script says of each customer, as the documented one says it of all: his credit, seconds or channels. */
const limits: Record<string, string> = {};

beforeAll(async () => {
  port = await findFreePort();
  const [main, byTime, byChannels] = documentedBlocks(
    HEADING,
    'loadmodule',
    '    http_connect',
    '    http_connect',
  ) as [string, string, string];
  const byCredit = /^ {4}http_connect\([^;]*;/m.exec(main)?.[0] as string;
  exchange = await startProxyExchange({
    heading: HEADING,
    instead: () => ({
      'http://127.0.0.1:8020/': `http://127.0.0.1:${port}/`,
      'modparam("htable", "timer_interval", 1)':
        'modparam("htable", "timer_interval", 1)\nmodparam("htable", "htable", "limit=>size=6")',
      '$var(credit) = "100";': '$var(credit) = $sht(limit=>$fU);',
      '"3.0","0.5","60","1"': '"0.2","0.1","1","1"',
      [byCredit.replace('"3.0","0.5","60","1"', '"0.2","0.1","1","1"')]: `
    if ($fU =~ "^t-") {\n${byTime.replace('"120"', '"$(var(credit){val.json})"')}}
    else if ($fU =~ "^c-") {\n${byChannels.replace('"2"', '"$(var(credit){val.json})"')}}
    else {\n${byCredit.replace('"3.0","0.5","60","1"', '"0.2","0.1","1","1"')}}
    $var(status) = $rc;
    xlog("L_ERR", "asked $fU $var(status) $(var(answer){re.subst,/.*:(-?[0-9]+)[^0-9]*$/\\\\1/})\\n");`,
      'switch ($rc)': 'switch ($var(status))',
    }),
    settings: ({ rpcPort }) => ({
      RINGFENCE_CNXCC_LISTEN: String(port),
      RINGFENCE_PROXY_RPC: `kamailio+udp://127.0.0.1:${rpcPort}`,
      RINGFENCE_PROXY_LIMIT_TABLE: 'ringfence',
    }),
  });
});
afterAll(() => exchange?.stop());

test('x', async () => {
  await exchange.kamailio.rpc('htable.sets', ['limit', 'alice', '100']);
  console.log(await exchange.call('alice', '33123450', { talkMs: 3_200 }), limits);
  console.log(await exchange.settled('pool:alice'));
  console.log(
    readFileSync(exchange.kamailio.logPath, 'utf8')
      .split('\n')
      .filter(l => /ERROR|asked/.test(l))
      .join('\n'),
  );
  void eventually;
});
