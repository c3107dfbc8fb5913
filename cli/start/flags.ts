import type { ParsedSourceOptions } from '../options.ts';
import type { PlantFlags } from '../../roles/open-definition.ts';
import type { PublishedName } from '../../sources/kinds.ts';

export interface StartFlags extends PlantFlags, ParsedSourceOptions {
  readonly source: PublishedName | 'none';
  readonly untilDone: boolean;
  readonly json: boolean;
  readonly fresh: boolean;
  readonly open: boolean;
  readonly port?: number;
}
