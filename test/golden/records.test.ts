/** Recorded bytes are read, and written again unchanged. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { avroTopicIds } from '../../schemas/catalogue.ts';
import { schemaText } from '../../schemas/avro/avro-types.ts';
import { readGolden } from './archive.ts';
import { goldenSerde, topics } from './steps.ts';

/** The schema without its docs, which change no byte of a record. */
const withoutDocs = (text: string): unknown =>
  JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('doc' in value)) return value;
    const { doc, ...rest } = value;
    assert.equal(typeof doc, 'string');
    return rest;
  });

for (const plant of ['casting', 'pump-rig'])
  describe(`golden bytes of ${plant}`, () => {
    const golden = readGolden(join(import.meta.dirname, `${plant}.golden.br`));
    const serde = goldenSerde(golden.schemas);

    // A topic that is newer than the recording is not in it.
    const recorded = avroTopicIds.filter((topic) => topics[topic] in golden.schemas);

    it('has no topic that the catalogue has lost', () => {
      assert.deepEqual(new Set(recorded.map((topic) => topics[topic])), new Set(Object.keys(golden.schemas)));
    });

    for (const topic of recorded)
      it(`${topics[topic]} are read, and written again unchanged`, () => {
        const schema = golden.schemas[topics[topic]];
        assert.ok(schema !== undefined, 'the topic was recorded');
        assert.deepEqual(withoutDocs(schemaText(topic)), withoutDocs(schema.text), 'only docs have changed');
        const codec = serde.codec(topic);
        let read = 0;
        for (const [name, slices] of Object.entries(golden.topics)) {
          if (name !== topics[topic] && !name.startsWith(`${topics[topic]} of `)) continue;
          for (const { value, key } of slices.flat()) {
            if (value?.[0] !== 0 || value.length < 5 || value.readUInt32BE(1) !== schema.id) continue;
            const decoded = codec.decode(value);
            assert.equal(codec.encode(decoded).toString('hex'), value.toString('hex'));
            assert.equal('asset' in decoded ? decoded.asset : decoded.process, key);
            read += 1;
          }
        }
        // A pump has no pieces, so no MES events either.
        if (plant === 'casting') assert.ok(read > 0, 'there are records');
      });
  });
