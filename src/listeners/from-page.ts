import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser sent it for a page: any page in the web can have one on an allowed machine ask here. A browser says so with each
 * POST, by Origin or Sec-Fetch-Site; programs send neither.
 */
export const isFromPage = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
