import { firstRowAt } from '../../src/evidence/switch-records';

const START = 1_795_261_408_000;
const DAY = 24 * 3_600_000;

test.each([
  ['a channel that was made five minutes before', `switch1-${START / 1000 - 300}.7+2`, START - 300_000],
  ['a channel that was made a day before', `${(START - DAY) / 1000}.7`, START - DAY],
  ['an older channel than any that lives', `${(START - DAY) / 1000 - 1}.7`, START],
  ['a name of another program, a time in 1970', 'crm-7.1', START],
  ['the same, a time in 1979', '301234567.1', START],
  ['the same, a time in 2126', '4930123456.7', START],
  ['a name without a time', 'door:7', START],
])('the search for the rows of %s begins when it may have been made, or with the call', (_, uniqueid, from) => {
  expect(firstRowAt([{ uniqueid, startAt: START }])).toBe(from);
});
