/**
 * Requests of one connection, one after the other. Otherwise all that a client sends without reading would be worked on at once, and the finished
 * answers would wait in memory for the first one to be read.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Line {
  isBusy: boolean;
  /** Each begins a request that waits, the oldest first. */
  waiting: (() => void)[];
}

export class ConnectionTurns {
  private readonly lines = new WeakMap<Socket, Line>();

  /** Resolves with true when every answer before this one is with the kernel; with false if the connection ends before. */
  async take(socket: Socket, response: ServerResponse): Promise<boolean> {
    const line = this.lines.get(socket) ?? this.lineOf(socket);
    if (line.isBusy) await new Promise<void>(begin => line.waiting.push(begin));
    if (socket.destroyed) return false;
    line.isBusy = true;
    response.once('close', () => {
      const begin = line.waiting.shift();
      if (begin) begin();
      else line.isBusy = false;
    });
    return true;
  }

  private lineOf(socket: Socket): Line {
    const line: Line = { isBusy: false, waiting: [] };
    this.lines.set(socket, line);
    // Answers that wait behind another one are not on the socket yet, and Node tells them nothing of its end.
    socket.once('close', () => {
      for (const begin of line.waiting.splice(0)) begin();
    });
    return line;
  }
}
