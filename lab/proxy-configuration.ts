import { documentedBlocks } from './documented';
import { CNXCC_USER } from './door-scenes';
import { callControlPath, type LabSettings } from './settings';

/**
 * The configurations of docs/doors.md for call_control and for cnxcc's commands, in one Kamailio: it requests the calls of one user by the
 * commands, and those of all others by call_control. What both contain is there once.
 */
export function labProxyConfiguration({ cnxccPort }: LabSettings): {
  configuration: string;
  instead: Record<string, string>;
} {
  const [callControl = ''] = documentedBlocks('Kamailio, `call_control`', 'loadmodule');
  const [commands = ''] = documentedBlocks("Kamailio, cnxcc's commands", 'loadmodule');
  const renamed = commands.replace('route[CREDIT] {', 'route[COMMANDS] {');
  const chosen = callControl.replace(
    'route[CREDIT] {',
    `route[CREDIT] {\n    if ($fU == "${CNXCC_USER}") {\n        route(COMMANDS);\n        return;\n    }`,
  );
  // The commands' part for a dialog contains what call_control's configuration does with it.
  const told = new Set(partsOf(renamed).map(nameOf));
  const shown = new Set(partsOf(chosen).filter(part => !isEvent(part) || !told.has(nameOf(part))));
  const [modules, routes] = [true, false].map(isModule =>
    [...shown, ...partsOf(renamed).filter(part => !shown.has(part))].filter(
      part => isModule === !/^(event_)?route\[/.test(part),
    ),
  ) as [string[], string[]];
  return {
    configuration: [...modules, ...routes].join('\n'),
    instead: {
      '/run/ringfence/callcontrol': callControlPath,
      'http://127.0.0.1:8020/': `http://127.0.0.1:${cnxccPort}/`,
    },
  };
}

const isEvent = (part: string): boolean => part.startsWith('event_route[');
const nameOf = (part: string): string => part.split('\n')[0] as string;

/** A line of a configuration each, or a whole route. Comments are left out. */
const partsOf = (text: string): string[] =>
  [...text.matchAll(/^(?:(?:event_)?route\[[\s\S]*?^\}|\w.*)$/gm)].map(([part]) => part);
