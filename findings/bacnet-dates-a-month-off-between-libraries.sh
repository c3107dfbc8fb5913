#!/usr/bin/env bash
# A date on BACnet, written by one library and read by another.
#
# Expected: BACnet counts months from 1 to 12. A library turns that into its language's month, so that all agree.
# Seen:     bacpypes3 (Python) encodes 2026-12-01 as a4 7e 0c 01 02. bacstack and node-bacnet decode those bytes as
#           2027-01-01, and they encode 2026-12-01 with month 11. Each agrees with itself, so a test of one library
#           alone is green. @bacnet-js/client, the successor, agrees with Python.
#           node-bacnet also sends that month in a TimeSynchronization: it sets a controller's clock a month back.
#           And timeSyncUTC of node-bacnet and of @bacnet-js/client sends the local hour under the UTC service.
# Why it matters for a plant: cooling-water, power and building controllers speak BACnet. Schedules, holidays and the
#           time stamps of trends come a month late, and a gateway that keeps the clocks right makes them wrong.
#           Take @bacnet-js/client, and hand timeSyncUTC a Date that is shifted to UTC, or send no clock at all.
# Versions: bacpypes3 0.0.110, bacstack 0.0.1-beta.14, node-bacnet 0.2.4, @bacnet-js/client 3.3.2. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund bacstack@0.0.1-beta.14 node-bacnet@0.2.4 @bacnet-js/client@3.3.2 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check bacpypes3==0.0.110

written=$(venv/bin/python - <<'PY'
from bacpypes3.primitivedata import Date, TagList

print(TagList([Date("2026-12-01").encode()]).encode().pduData.hex())
PY
)
echo "bacpypes3 writes 2026-12-01 as $written"

cat > dates.cjs <<'JS'
const assert = require('node:assert');
const dgram = require('node:dgram');
const written = Buffer.from(process.argv[2], 'hex');
assert.equal(written.toString('hex'), 'a47e0c0102');

const codecs = {
  bacstack: require('bacstack/lib/asn1'),
  'node-bacnet': require('node-bacnet/lib/asn1'),
  '@bacnet-js/client': require('./node_modules/@bacnet-js/client/dist/lib/asn1.js'),
};
const day = (date) => `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
const seen = {};
for (const [name, codec] of Object.entries(codecs)) {
  const read = day(codec.bacappDecodeApplicationData(written, 0, written.length, 0, 85).value);
  const out = { buffer: Buffer.alloc(20), offset: 0 };
  codec.bacappEncodeApplicationData(out, { type: 10, value: new Date(2026, 11, 1) });
  seen[name] = { read, writes: out.buffer.subarray(0, out.offset).toString('hex') };
}
console.log(seen);
assert.deepEqual(seen, {
  bacstack: { read: '2027-1-1', writes: 'a47e0b0102' },
  'node-bacnet': { read: '2027-1-1', writes: 'a47e0b0102' },
  '@bacnet-js/client': { read: '2026-12-1', writes: 'a47e0c0102' },
});

// The clock, as a controller hears it: the application date and time at the end of the request.
const clients = { 'node-bacnet': require('node-bacnet'), '@bacnet-js/client': require('@bacnet-js/client').default };
const heard = [];
const controller = dgram.createSocket('udp4').on('message', (bytes) => heard.push(bytes.subarray(-10).toString('hex')));
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const freePort = () => new Promise((done) => {
  const probe = dgram.createSocket('udp4').bind(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => done(port)); });
});
(async () => {
  await new Promise((done) => controller.bind(0, '127.0.0.1', done));
  const address = `127.0.0.1:${controller.address().port}`;
  for (const [name, Client] of Object.entries(clients)) {
    const client = new Client({ port: await freePort(), interface: '127.0.0.1', broadcastAddress: '127.0.0.255' });
    await wait(500);
    const noon = new Date(2026, 11, 6, 12, 30, 15, 500); // local time of Vienna: 11:30:15 UTC
    for (const service of ['timeSync', 'timeSyncUTC']) {
      client[service](name.startsWith('@') ? { address } : address, noon);
      await wait(300);
      console.log(name, service, 'sends date and time', heard.at(-1));
    }
    client.close();
  }
  // a4: year since 1900, month, day, weekday. b4: hour, minute, second, hundredths.
  assert.deepEqual(heard, ['a47e0b0607b40c1e0f32', 'a47e0b0607b40c1e0f32', 'a47e0c0607b40c1e0f32', 'a47e0c0607b40c1e0f32']);
  process.exit(0);
})();
JS
TZ=Europe/Vienna node dates.cjs "$written"
