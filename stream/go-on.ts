/** Tells what stands still to go on: the records that are there now become dead letters, if they cannot be processed. */
import { BreakerLog, type GoOnOrder, type Standstill, type StandstillPosition } from './standstill.ts';
import type { Transport } from './transport.ts';

export interface GoOnOptions {
  readonly transport: Transport;
  /** The topic of the log of breakers. */
  readonly breakerTopic: string;
  /** Selects among what stands still; without it, all. */
  readonly select?: (standstill: Standstill) => boolean;
  readonly by: string;
  readonly why: string;
  /** The largest number of records of each input that may become dead letters without counting. */
  readonly upTo: number;
}

export interface GivenOrder {
  readonly standstill: Standstill;
  readonly order: GoOnOrder;
}

/** @returns the orders given; none when nothing that was selected stands still */
export async function tellToGoOn(options: GoOnOptions): Promise<readonly GivenOrder[]> {
  const { transport, breakerTopic, select, by, why } = options;
  const log = new BreakerLog(transport, breakerTopic);
  const given: GivenOrder[] = [];
  for (const { standstill } of (await log.read()).values()) {
    if (standstill === undefined || select?.(standstill) === false) continue;
    const { unit, partition, positions } = standstill;
    const until: Record<string, number> = {};
    for (const position of positions) until[position.topic] = await endOf(position, partition, options);
    const order: GoOnOrder = { unit, by, why, at: Date.now(), until };
    await log.order(order);
    given.push({ standstill, order });
  }
  return given;
}

/** Records that the previous step of a chain passes on are not on the topic yet, so their number is not known. */
async function endOf(
  { topic, offset, isPassedOn }: StandstillPosition,
  partition: number,
  { transport, upTo }: GoOnOptions,
): Promise<number> {
  if (isPassedOn) return offset + upTo;
  const end = (await transport.endOffsets(topic)).get(partition) ?? offset;
  return Math.min(Math.max(end, offset), offset + upTo);
}
