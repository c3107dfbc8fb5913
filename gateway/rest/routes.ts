/** All routes of the REST API. */
import { healthRoutes, healthSpecs, type HealthRoutesOptions } from './health.ts';
import { ingestRoutes, ingestSpecs, type IngestOptions } from './ingest.ts';
import { lists } from './lists.ts';
import { readRoutes, readSpecs, type ReadOptions } from './read.ts';
import type { Route, RouteSpec } from './route.ts';

export interface RouteOptions {
  readonly ingest: IngestOptions;
  readonly read: ReadOptions;
  readonly health: HealthRoutesOptions;
}

export const routeSpecs: readonly RouteSpec[] = [
  ...Object.values(ingestSpecs),
  ...Object.values(readSpecs),
  ...lists.map(({ spec }) => spec),
  ...Object.values(healthSpecs),
];

export function routesOf({ ingest, read, health }: RouteOptions): Route[] {
  return [...ingestRoutes(ingest), ...readRoutes(read), ...healthRoutes(health)];
}
