#!/usr/bin/env bash
# Two MQTT.js clients, made from one object of options that names no client id.
#
# Expected: connect() reads its options. Without a client id each client makes up its own, so two clients live side by side.
# Seen:     the first connect() writes the id that it made up into the caller's object. The second client finds it there
#           and takes the same one. The broker must then end the first; it connects again and ends the second, and so on.
#           Of 20 messages at QoS 1, 150 ms apart, one subscriber got 9 and the other 11; each should have got all 20.
#           With a copy of the object, { ...options }, each has its own id and gets all 20.
# Why it matters for a plant: one object of connection settings for a publisher and a subscriber is the usual way to write
#           a gateway. It loses messages at QoS 1 and looks like a bad network. Name a client id for each client.
# Versions: mqtt 5.16.0, aedes 1.2.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund mqtt@5.16.0 aedes@1.2.0 > /dev/null

cat > ids.cjs <<'JS'
const assert = require('node:assert');
const net = require('node:net');
const mqtt = require('mqtt');
const { Aedes } = require('aedes');
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function pair(port, copy) {
  const options = { host: '127.0.0.1', port };
  const clients = [];
  const got = [0, 0];
  const connects = [0, 0];
  for (const i of [0, 1]) {
    const client = mqtt.connect(copy ? { ...options } : options);
    client.on('connect', () => { connects[i] += 1; client.subscribe('mould/level', { qos: 1 }); });
    client.on('message', () => { got[i] += 1; });
    clients.push(client);
    await wait(300);
  }
  const plc = await mqtt.connectAsync({ host: '127.0.0.1', port, clientId: 'plc' });
  for (let i = 0; i < 20; i += 1) {
    await plc.publishAsync('mould/level', String(i), { qos: 1 });
    await wait(150);
  }
  await wait(300);
  const seen = { oneId: clients[0].options.clientId === clients[1].options.clientId, written: 'clientId' in options, connects, got };
  for (const client of [...clients, plc]) client.end(true);
  await wait(200);
  return seen;
}

(async () => {
  const aedes = await Aedes.createBroker();
  const server = net.createServer(aedes.handle);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  const shared = await pair(port, false);
  const copied = await pair(port, true);
  console.log({ shared, copied });
  assert.ok(shared.oneId && shared.written);
  assert.ok(shared.connects[0] + shared.connects[1] > 4, 'they put each other out');
  assert.ok(shared.got[0] < 20 && shared.got[1] < 20);
  assert.deepEqual(copied, { oneId: false, written: false, connects: [1, 1], got: [20, 20] });
  process.exit(0);
})();
JS
timeout 60 node ids.cjs
