import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser sent the request for a web page. Any page on the web can make a browser on an allowed machine ask here. A browser
 * adds Origin or Sec-Fetch-Site to each POST; other programs send neither.
 */
export const isFromPage = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
