import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** A dialog as OpenSIPS tells it; states as in its dlg_hash.h: 2 rings, 3 and 4 talk. */
export interface StandInDialog {
  ID: string;
  state: number;
  timestart: number;
}

/**
 * What mi_datagram of OpenSIPS 3 answers to the four commands that we send, as its dialog module prints them. Debian has no OpenSIPS, so
 * this stands in for one; what it shows is what we send, and that its answers are read.
 */
export interface OpensipsStandIn {
  port: number;
  /** By Call-ID. */
  dialogs: Map<string, StandInDialog>;
  /** The dialogs that it was told to end, by what was written. */
  ended: string[];
  /** It does not answer. */
  isSilent: boolean;
  stop(): void;
}

export async function startOpensipsStandIn(): Promise<OpensipsStandIn> {
  const socket = createSocket('udp4');
  const startedAt = Date.now();
  const standIn: OpensipsStandIn = {
    port: 0,
    dialogs: new Map(),
    ended: [],
    isSilent: false,
    stop: () => socket.close(),
  };
  const noDialog = { error: { code: 404, message: 'No such dialog' } };
  const answerTo = (method: string, [param = '']: string[]): object => {
    switch (method) {
      case 'uptime':
        return { result: { 'Up time': `${Math.floor((Date.now() - startedAt) / 1000)} [sec]` } };
      case 'dlg_list': {
        const dialog = standIn.dialogs.get(param);
        return dialog ? { result: { Dialog: { db_id: '1', ...dialog, callid: param, CALLEES: [] } } } : noDialog;
      }
      case 'dlg_end_dlg': {
        // By ID first, then by Call-ID.
        const found = [...standIn.dialogs].find(([, { ID }]) => ID === param) ?? [param];
        if (!standIn.dialogs.delete(found[0])) return noDialog;
        standIn.ended.push(param);
        return { result: 'OK' };
      }
      default:
        return { error: { code: -32601, message: 'Method not found' } };
    }
  };
  socket.on('message', (bytes, from) => {
    if (standIn.isSilent) return;
    const { id, method, params } = JSON.parse(bytes.toString());
    socket.send(JSON.stringify({ jsonrpc: '2.0', ...answerTo(method, params ?? []), id }), from.port, from.address);
  });
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve));
  standIn.port = (socket.address() as AddressInfo).port;
  return standIn;
}
