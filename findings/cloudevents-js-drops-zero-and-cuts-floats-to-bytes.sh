#!/usr/bin/env bash
# Readings as data of a CloudEvent, packed and unpacked by the CloudEvents SDK for JavaScript.
#
# Expected: data is a JSON value or bytes. A reading of 0 stays 0. A typed array is taken as the bytes that it consists of.
#           The binary and the structured form of one event carry the same.
# Seen:     toEvent() of HTTP on a structured event: data 0, false or "" is gone, without an error. 1550.5 and [0] come through,
#           and in a batch, in the binary form, and from Kafka and MQTT, 0 stays 0. The lost 0 is on the wire: the reader drops it.
#           Structured over HTTP, Kafka and MQTT: Float64Array 1550.5 becomes data_base64 "Dg==", one byte, 14.
#           Uint16Array 1550, 1560 becomes 14, 24. Each element is cut to one byte. The binary form has the bytes as they are.
#           Real bytes come back from HTTP as Uint32Array, one byte per element, so its buffer read as floats is another number.
# Why it matters for a plant: a valve at 0 % or an alarm that went to false looks like an event without data, so the last value
#           stays. A curve of the mould level becomes numbers from 0 to 255. Wrap data in an object, and make a Buffer of
#           arrays first.
# Versions: cloudevents 10.0.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund cloudevents@10.0.0 > /dev/null

cat > readings.cjs <<'JS'
const assert = require('node:assert');
const { CloudEvent, HTTP, Kafka, MQTT } = require('cloudevents');
const event = (data) => new CloudEvent({ id: '1', source: '/caster/1', type: 'reading', datacontenttype: 'application/json', data });
const bindings = { HTTP, Kafka, MQTT };
const there = (name, form, data) => bindings[name].toEvent(bindings[name][form](event(data))).data;

// Small values: what HTTP gives back in the structured form, and that the value had been sent.
for (const value of [0, false, '', 1550.5, [0]]) {
  const message = HTTP.structured(event(value));
  assert.deepEqual(JSON.parse(message.body).data, value);
  const back = HTTP.toEvent(message).data;
  console.log('HTTP structured', JSON.stringify(value).padEnd(7), '->', JSON.stringify(back));
  assert.deepEqual(back, value === 0 || value === false || value === '' ? undefined : value);
}
assert.equal(there('HTTP', 'binary', 0), 0);
assert.equal(there('Kafka', 'structured', 0), 0);
assert.equal(there('MQTT', 'structured', 0), 0);
const batch = [0, 5].map((value) => JSON.parse(HTTP.structured(event(value)).body));
const fromBatch = HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
assert.deepEqual(fromBatch.map((one) => one.data), [0, 5]);

// Typed arrays: the bytes on the wire in the structured form.
const sent = (name, array) => {
  const message = bindings[name].structured(event(array));
  const text = message.body ?? message.value ?? message.payload;
  return [...Buffer.from((typeof text === 'string' ? JSON.parse(text) : text).data_base64, 'base64')];
};
for (const name of Object.keys(bindings)) {
  const floats = sent(name, Float64Array.of(1550.5));
  const integers = sent(name, Uint16Array.of(1550, 1560));
  console.log(name.padEnd(5), 'structured  Float64Array 1550.5 ->', floats, ' Uint16Array 1550, 1560 ->', integers);
  assert.deepEqual(floats, [14]);
  assert.deepEqual(integers, [14, 24]);
  assert.deepEqual(there(name, 'binary', Float64Array.of(1550.5)), Float64Array.of(1550.5));
}

// Real bytes, as another SDK sends them.
const bytes = Buffer.from(Float64Array.of(1550.5).buffer);
const back = there('HTTP', 'structured', bytes);
console.log('HTTP structured, 8 bytes of a float64 ->', back.constructor.name, back.length, '; its buffer read as float64', new Float64Array(back.buffer)[0]);
assert.equal(back.constructor.name, 'Uint32Array');
assert.equal(back.length, 8);
assert.equal(new Float64Array(back.buffer)[0], 0);
assert.equal(new Float64Array(there('Kafka', 'structured', bytes).slice().buffer)[0], 1550.5);
JS
node readings.cjs
