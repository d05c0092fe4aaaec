/** The secret of a key, as a request sends it; '' if it sends none. Pure. */
export const keySecretIn = (authorization = ''): string => /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
