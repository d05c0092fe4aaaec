import type { Metric } from '../metrics/exposition';
import type { Door, DoorFigures } from './door';

/** The metrics of open doors: what they answer, refuse and wait for. */
export function doorMetrics(doors: readonly Door[]): Metric[] {
  const each = doors.map(({ name, figures }) => ({ name, figures }));
  const ofDoors = (value: (figures: DoorFigures) => number) =>
    each.map(({ name, figures }) => ({ labels: { door: name }, value: value(figures) }));
  return [
    {
      name: 'ringfence_door_answers_total',
      help: 'Questions that were answered at a door, refusals too',
      type: 'counter',
      samples: ofDoors(({ answered }) => answered),
    },
    {
      name: 'ringfence_door_refusals_total',
      help: 'What a door refused, by reason',
      type: 'counter',
      samples: each.flatMap(({ name, figures }) =>
        Object.entries(figures.refusals).map(([reason, value]) => ({ labels: { door: name, reason }, value })),
      ),
    },
    {
      name: 'ringfence_door_connections',
      help: 'Connections to a door now',
      type: 'gauge',
      samples: ofDoors(({ connections }) => connections),
    },
    {
      name: 'ringfence_door_waiting',
      help: 'Operations of a door that are not durable yet',
      type: 'gauge',
      samples: ofDoors(({ waiting }) => waiting),
    },
  ];
}
