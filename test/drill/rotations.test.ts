import { uniqueidsLost } from '../../lab/drill/rotations';

const row = (uniqueid: string) =>
  `"HANGUP","1780315200.000000","rf-${uniqueid}-1","${uniqueid}","alice","PJSIP/carrier",""\n`;
const [early, one, two, three] = ['drill-1.1', 'drill-1.2', 'drill-1.3', 'drill-1.4'].map(id => row(id)) as [
  string,
  string,
  string,
  string,
];
const before = `${early}${one}${two}`;

test.each<[string, string, string[]]>([
  ['nothing is lost of a file that went on', `${before}${three}`, []],
  ['one cut to nothing has lost what was written since', '', ['drill-1.2', 'drill-1.3']],
  ['one cut at the end of a row has lost the rows behind', `${early}${one}`, ['drill-1.3']],
  ['one cut within a row has lost that row', `${early}${one}${two.slice(0, 20)}`, ['drill-1.3']],
  [
    'what is written behind a cut row is lost with it',
    `${early}${one.slice(0, 40)}${three}`,
    ['drill-1.2', 'drill-1.3', 'drill-1.4'],
  ],
])('%s', (_, after, lost) => {
  expect([...uniqueidsLost(before, after, early.length)].sort()).toEqual(lost);
});
