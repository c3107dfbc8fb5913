#!/usr/bin/env bash
# A worker joins a shared subscription of MQTT 5 on the mosquitto of Debian 12.
#
# Expected: MQTT 5 (4.8.2): retained messages are not sent to a session when it subscribes to a shared subscription.
#           A group of workers handles each message once.
# Seen:     mosquitto 2.0.11 sends the retained value to every member that joins, with the retain flag. Each worker that
#           starts or is added gets it again. Live messages go to one member each, as they should.
# Why it matters for a plant: a retained command or heat start is worked off once more with each worker that is added.
#           Subscribe with retain handling 2 (which this mosquitto honours), or drop messages whose retain flag is set.
# Versions: mosquitto 2.0.11-1.2+deb12u2, mqtt 5.16.0. Run on 2026-12-01.
# Needs: mosquitto. The script installs it with apt-get when it is missing and runs as root.
set -euo pipefail
work=$(mktemp -d); broker=; trap 'kill $broker 2>/dev/null || true; rm -rf "$work"' EXIT; cd "$work"

PATH=$PATH:/usr/sbin
command -v mosquitto > /dev/null || { apt-get update -qq; apt-get install -y -qq --no-install-recommends mosquitto; } > /dev/null
npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund mqtt@5.16.0 > /dev/null
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -c mosquitto.conf > broker.log 2>&1 & broker=$!
for _ in $(seq 50); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.1; done

cat > workers.cjs <<'JS'
const assert = require('node:assert');
const mqtt = require('mqtt');
const options = { host: '127.0.0.1', port: Number(process.argv[2]), protocolVersion: 5 };
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const handled = {};

async function join(name, subscribe) {
  const client = await mqtt.connectAsync({ ...options });
  handled[name] = [];
  client.on('message', (topic, payload, packet) => handled[name].push(`${payload}${packet.retain ? ' retained' : ''}`));
  await client.subscribeAsync('$share/workers/heat/start', { qos: 1, ...subscribe });
  await wait(400);
}

(async () => {
  const plc = await mqtt.connectAsync({ ...options });
  await plc.publishAsync('heat/start', 'heat 4711', { qos: 1, retain: true });
  await join('first', {});
  await join('second', {});
  await join('careful', { rh: 2 });
  for (const heat of ['heat 4712', 'heat 4713', 'heat 4714']) await plc.publishAsync('heat/start', heat, { qos: 1 });
  await wait(500);
  console.log(handled);
  assert.deepEqual(handled.first[0], 'heat 4711 retained');
  assert.deepEqual(handled.second[0], 'heat 4711 retained');
  const live = Object.values(handled).flat().filter((message) => !message.endsWith('retained')).sort();
  assert.deepEqual(live, ['heat 4712', 'heat 4713', 'heat 4714']);
  assert.ok(!handled.careful.includes('heat 4711 retained'));
  process.exit(0);
})();
JS
timeout 60 node workers.cjs "$port"
