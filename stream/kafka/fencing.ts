/** How strictly a cluster keeps late requests of one transaction out of the next, as far as its brokers say. */
import type { BrokerSupport } from './protocol/transactions.ts';

export const transactionFeature = 'transaction.version';
/** From this level on, each transaction has an epoch of its own, and partitions need not be added (KIP-890). */
export const epochPerTransaction = 2;

const writeTxnMarkers = 27;
/** From this version on (Kafka 4.2), a marker says which protocol its transaction has, and its epoch is checked (KIP-1228). */
const checkedMarkers = 2;

/**
 * Why a request that the network delays can take effect in the wrong transaction, and what to do; undefined when the broker
 * and the cluster exclude it. A broker tells this of itself alone: another one may be older.
 */
export function weakFencing({ versions, levels }: BrokerSupport): string | undefined {
  const level = levels.get(transactionFeature) ?? 0;
  if (level < epochPerTransaction)
    return (
      `the cluster has ${transactionFeature} ${level}: transactions share an epoch, so a request that the network delays can ` +
      `become part of the next one. Upgrade the cluster to Kafka 4.2 or newer and ${transactionFeature} to ${epochPerTransaction}`
    );
  if ((versions.get(writeTxnMarkers) ?? 0) < checkedMarkers)
    return (
      'the broker is older than Kafka 4.2: it does not check the epoch of the markers that end a transaction, so a late ' +
      'marker can end the next one. Upgrade the brokers'
    );
  return undefined;
}
