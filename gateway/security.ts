/**
 * Until there are accounts, the gateway serves this machine only: it listens on loopback, and it answers only
 * requests that name it by a loopback name, so that no page elsewhere can reach it through a browser here
 * (DNS rebinding, cross-site WebSockets).
 */
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { CastwatchError } from '../base/errors.ts';
import { sendProblem } from './rest/problem.ts';

const loopback: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** @throws CastwatchError CONFIGURATION */
export function requireLoopback(host: string): void {
  if (loopback.includes(host)) return;
  throw new CastwatchError(
    'CONFIGURATION',
    `The gateway will not listen on ${host}: it has no accounts yet, so anybody there could write readings.`,
    {
      remedy:
        'Listen on 127.0.0.1, and let people in by an SSH tunnel or by a proxy that checks who they are.',
    },
  );
}

/** `localhost:8080`, `[::1]:8080` → whether it means this machine. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  return loopback.includes(name);
}

/** A browser says from which page it comes; other clients say nothing. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (!isLoopbackHost(host)) return false;
  return origin === undefined || origin === `http://${host ?? ''}`;
}

export const checkHost: RequestHandler = (request, response, next) => {
  if (isOwnOrigin(request.headers.origin, request.headers.host)) {
    next();
    return;
  }
  sendProblem(response, {
    status: 403,
    title: 'Not from here',
    detail: 'The gateway answers requests made to a loopback name, by programs or by its own pages.',
    remedy: 'Use http://127.0.0.1 and this port.',
  });
};

/** Scripts and styles from here only, no inline ones, nothing embedded, no framing. */
export const securityHeaders: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Loopback is plain http.
  strictTransportSecurity: false,
});
