import { strict as assert } from 'node:assert';
import { weakFencing } from '../../../stream/kafka/fencing.ts';
import { brokerSupport, type BrokerSupport } from '../../../stream/kafka/protocol/transactions.ts';
import { WireReader, WireWriter } from '../../../stream/kafka/protocol/wire.ts';

/** An answer to ApiVersions as a broker writes it. */
function answer(
  versions: readonly [key: number, newest: number][],
  transactionVersion?: number,
): BrokerSupport {
  const writer = new WireWriter().int16(0);
  writer.array([...versions], ([key, newest]) => writer.int16(key).int16(0).int16(newest).noTags());
  writer.int32(0);
  const head = writer.written;
  if (transactionVersion === undefined)
    return brokerSupport().parse(new WireReader(Buffer.concat([head, tags()])));
  const features = new WireWriter();
  features.array(['transaction.version'], (name) =>
    features.string(name).int16(transactionVersion).int16(0).noTags(),
  );
  const field = features.written;
  const answered = Buffer.concat([head, Buffer.from([1, 2, field.length]), field]);
  return brokerSupport().parse(new WireReader(answered));
}
const tags = (): Buffer => Buffer.from([0]);

describe('stream/kafka/fencing', () => {
  it('finds nothing wrong with brokers that check the epoch of each marker', () => {
    assert.equal(weakFencing(answer([[27, 2]], 2)), undefined);
  });

  it('finds brokers before Kafka 4.2 by the version of their markers', () => {
    assert.match(weakFencing(answer([[27, 1]], 2)) ?? '', /older than Kafka 4\.2/);
  });

  it('finds a cluster whose transactions share an epoch, whatever its brokers can do', () => {
    assert.match(weakFencing(answer([[27, 2]], 1)) ?? '', /transaction\.version 1.*Upgrade/);
    assert.match(weakFencing(answer([[27, 2]])) ?? '', /transaction\.version 0/);
  });
});
