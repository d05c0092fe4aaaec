import { visibleTo } from '../../src/operator/visible';

test('a holder without an account sees everything, a customer its own account', () => {
  expect(visibleTo({ roles: ['read', 'support'], accountcode: null })).toEqual({ kind: 'everything' });
  expect(visibleTo({ roles: ['customer'], accountcode: 'alice' })).toEqual({ kind: 'account', accountcode: 'alice' });
});

test('a row that is neither, as books restored without their checks may have, sees nothing', () => {
  expect(() => visibleTo({ roles: ['customer'], accountcode: null })).toThrow('customer is bound to no account');
  expect(() => visibleTo({ roles: ['admin'], accountcode: 'alice' })).toThrow('admin is bound to alice');
  expect(() => visibleTo({ roles: ['customer', 'read'], accountcode: null })).toThrow('bound to no account');
});
