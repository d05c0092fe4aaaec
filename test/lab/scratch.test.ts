import { startAsterisk } from '../../lab/servers/asterisk';
import { rmSync } from 'node:fs';
test('x', async () => {
  const dir = '/work/main/.lab/try';
  rmSync(dir, {recursive:true, force:true});
  const a = await startAsterisk({ dir, sipPort: 16060, httpPort: 16080, customers: [
    { name: 'alice', address: '127.0.0.2', accountcode: 'alice', context: 'plain' },
  { name: 'bob', address: '127.0.0.4', accountcode: 'bob' },
  { name: 'proxy', address: '127.0.0.5' },
  ], extraDialplan: `
[plain]
exten => _38XX,1,Hangup(\${EXTEN:2})
exten => _39XX,1,Set(TIMEOUT(absolute)=\${EXTEN:2})
 same => n,Wait(1000)
exten => _X.,1,Dial(PJSIP/\${EXTEN}@carrier,60)
`});
});
