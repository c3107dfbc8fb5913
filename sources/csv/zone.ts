/** From the time on a wall to the moment, in a time zone of the IANA database. */
import { Temporal } from 'temporal-polyfill';

/** The moments (ms since the epoch) at which clocks of a zone show a time. */
export type Moments =
  | { readonly kind: 'once'; readonly at: number }
  /** Clocks were put back over it: it was shown twice. */
  | { readonly kind: 'twice'; readonly earlier: number; readonly later: number }
  /** Clocks were put forward over it. */
  | { readonly kind: 'never' };

/** What to subtract from a wall time; undefined where clocks are put forward. */
interface Offsets {
  readonly earlier: number;
  readonly later: number;
}

/** Rows follow one another in time, so the offsets of the last block are kept. Clocks change at the ends of blocks. */
const block = 15 * 60_000;

/** @param wall ms since the epoch, as if the wall were in UTC */
export function momentsIn(zone: string): (wall: number) => Moments {
  let known: number | undefined;
  let offsets: Offsets | undefined;
  return (wall) => {
    const place = Math.floor(wall / block);
    if (place !== known) {
      const [first, last] = [offsetsAt(zone, place * block), offsetsAt(zone, (place + 1) * block - 1)];
      // A change within the block, as some zones had long ago.
      const isOne = first?.earlier === last?.earlier && first?.later === last?.later;
      known = isOne ? place : undefined;
      offsets = isOne ? first : offsetsAt(zone, wall);
    }
    if (offsets === undefined) return { kind: 'never' };
    const { earlier, later } = offsets;
    if (earlier === later) return { kind: 'once', at: wall - earlier };
    return { kind: 'twice', earlier: wall - earlier, later: wall - later };
  };
}

function offsetsAt(zone: string, wall: number): Offsets | undefined {
  const local = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
  const [earlier, later] = (['earlier', 'later'] as const).map((disambiguation) =>
    local.toZonedDateTime(zone, { disambiguation }),
  );
  // In a gap, both are moved to a time that clocks do show.
  if (earlier === undefined || later === undefined || !earlier.toPlainDateTime().equals(local))
    return undefined;
  return { earlier: wall - earlier.epochMilliseconds, later: wall - later.epochMilliseconds };
}
