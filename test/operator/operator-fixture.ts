import type { Knex } from 'knex';
import { actingAs, type OperatorRequest, type Service } from '../../src/operator/acting';
import { EVERYTHING } from '../../src/operator/visible';

/** A request to run an operation, by a service whose switches are not reached. */
export const requestBy = (actor: string, database: Knex, service: Partial<Service> = {}): OperatorRequest => ({
  ...actingAs(actor, database),
  visible: EVERYTHING,
  service: {
    maxCallSeconds: 3_600,
    ringSeconds: 60,
    barredPrefixes: [],
    emergencyNumbers: ['112'],
    pinKeys: [],
    secondPersonAbove: null,
    webhookAllow: [],
    shownSettings: [],
    mailer: null,
    hangUpOn: node => {
      throw new Error(`no switch is called ${node}`);
    },
    ...service,
  },
});
