/** The messages of SEMS's cc_prepaid_xmlrpc, byte by byte, as in test/doors/sems/*.fixture: Debian has no SEMS that could write them here. */

/** A message with the head that SEMS's client writes. */
export const posted = (body: string, more = ''): string =>
  `POST /RPC2 HTTP/1.1\r\nUser-Agent: XMLRPC++ 0.8\r\nHost: 127.0.0.1:18101\r\nContent-Type: text/xml\r\nContent-length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;

const string = (text: string, typed: boolean): string => (typed ? `<string>${text}</string>` : text);

/** getCredit as sems-server (typed) and sipwise's SEMS (bare) write it. */
export const getCredit = (pin: string, typed = true): string =>
  `<?xml version="1.0"?>\r\n<methodCall><methodName>getCredit</methodName>\r\n<params><param><value>${string(pin, typed)}</value></param></params></methodCall>\r\n`;

export const subtractCredit = (pin: string, amount: number, typed = true): string =>
  `<?xml version="1.0"?>\r\n<methodCall><methodName>subtractCredit</methodName>\r\n<params><param><value><array><data><value><struct><member><name>amount</name><value><i4>${amount}</i4></value></member><member><name>methodName</name><value>${string('subtractCredit', typed)}</value></member><member><name>pin</name><value>${string(pin, typed)}</value></member></struct></value></data></array></value></param></params></methodCall>\r\n`;
