import type { Dispatcher, Pool } from 'undici';

export interface WholeResponse {
  status: number;
  /** The body, as UTF-8. */
  data: string;
}

/** Thrown for a request that had no whole answer in time. */
export class NoAnswerInTime extends Error {}

/**
 * The whole response to one request. Rejects with `NoAnswerInTime` when `deadlineMs` have passed, time spent waiting for a free connection
 * included, and with undici's error when the connection fails; the request is then given up, with its connection.
 *
 * undici's own `request` makes a stream of each body, and takes an AbortSignal for each deadline: with them a request costs the processor two thirds more.
 */
export function wholeResponse(
  pool: Pool,
  request: Dispatcher.DispatchOptions,
  deadlineMs: number,
): Promise<WholeResponse> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null;
    let late: NoAnswerInTime | null = null;
    let status = 0;
    const chunks: Buffer[] = [];
    const deadline = setTimeout(() => {
      late = new NoAnswerInTime(`no answer in ${deadlineMs} ms`);
      controller?.abort(late);
      reject(late);
    }, deadlineMs);
    const fail = (error: Error) => {
      clearTimeout(deadline);
      reject(error);
    };
    try {
      pool.dispatch(request, {
        onRequestStart(started) {
          controller = started;
          // It was still waiting for a connection when its deadline passed.
          if (late !== null) started.abort(late);
        },
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          clearTimeout(deadline);
          const [only] = chunks;
          resolve({ status, data: chunks.length === 1 ? String(only) : String(Buffer.concat(chunks)) });
        },
        onResponseError: (_controller, error) => fail(error),
      });
    } catch (error) {
      fail(error as Error);
    }
  });
}
