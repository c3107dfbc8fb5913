/** The kinds of faults, and how often each begins. */
import { CastwatchError } from '../../base/errors.ts';

/** The usual chance per reading that a fault begins. Several kinds last for more than one reading. */
export const faultRates = {
  /** Readings that are never sent, 1 to 20 in a row. */
  'reading-dropout': 0.001,
  /** One tag missing from 1 to 10 readings. */
  'tag-dropout': 0.002,
  /** One of a tag's own sentinel values in 1 to 3 readings. */
  sentinel: 0.003,
  /** A tag's value repeated for a little longer than its `stuckAfter`. */
  stuck: 0.0005,
  /** Quality UNCERTAIN or BAD in 1 to 5 readings. */
  'bad-quality': 0.003,
  /** One value off by 0.3 to 1.5 times the tag's range. */
  spike: 0.003,
  /** One value NaN or infinite. */
  'not-a-number': 0.002,
  /** An added measurement with a tag that is not in the definition. */
  'unknown-tag': 0.001,
  /** An added reading with an asset that is not in the definition. */
  'unknown-asset': 0.001,
  /** An added record with bytes that cannot be decoded. */
  undecodable: 0.002,
  /** A reading that is published again, at once or up to 20 periods later. */
  duplicate: 0.01,
  /** A reading that is published after later readings of its asset, within the grace period. */
  'out-of-order': 0.01,
  /** A reading that is published later than the grace period allows. */
  late: 0.003,
  /** The clock of an asset ahead or behind for 5 to 30 readings. */
  'clock-skew': 0.0005,
} as const;

export type FaultKind = keyof typeof faultRates;

export const faultKinds = Object.keys(faultRates) as readonly FaultKind[];

/**
 * Reads the kinds of faults from a flag.
 * @param text `all`, `none`, or kinds separated by commas
 * @throws CastwatchError CONFIGURATION for an unknown kind
 */
export function parseFaults(text: string): readonly FaultKind[] {
  if (text === 'all') return faultKinds;
  if (text === 'none' || text === '') return [];
  return text.split(',').map((word) => {
    const kind = faultKinds.find((known) => known === word.trim());
    if (kind !== undefined) return kind;
    throw new CastwatchError('CONFIGURATION', `there is no fault "${word.trim()}"`, {
      remedy: `Use all, none, or some of: ${faultKinds.join(', ')}.`,
    });
  });
}
