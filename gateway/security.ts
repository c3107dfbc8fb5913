/**
 * The gateway has no accounts yet, so it serves only this machine. It listens on loopback, and it answers only requests to
 * a loopback name. So a page from another server cannot reach it through a browser on this machine (DNS rebinding,
 * cross-site WebSockets).
 */
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { CastwatchError } from '../base/errors.ts';
import { sendProblem } from './rest/problem-details.ts';

const loopback: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** @throws CastwatchError CONFIGURATION */
export function requireLoopback(host: string): void {
  if (loopback.includes(host)) return;
  throw new CastwatchError(
    'CONFIGURATION',
    `The gateway does not listen on ${host}: it has no accounts yet, so every program that reaches this address could write readings.`,
    {
      remedy:
        'Listen on 127.0.0.1. Give other users access by an SSH tunnel or by a proxy that authenticates them.',
    },
  );
}

/** Whether a Host header such as `localhost:8080` or `[::1]:8080` names this machine. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  return loopback.includes(name);
}

/** Browsers send the origin of their page; other clients send none. */
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
    title: 'Host or origin not allowed',
    detail: 'The gateway answers only requests to a loopback name, from programs or from its own pages.',
    remedy: 'Send the request to http://127.0.0.1 and this port.',
  });
};

/** Allows only scripts and styles from this server; no inline code, no embedded content, no framing. */
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
  // On loopback the gateway speaks plain http.
  strictTransportSecurity: false,
});
