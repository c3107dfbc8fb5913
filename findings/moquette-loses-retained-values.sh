#!/usr/bin/env bash
# Retained values on the Moquette broker, compared with aedes.
#
# Expected: the last message published with the retain flag is kept, whatever its QoS. Who subscribes later gets it with
#           the retain flag set, and so knows that it is no news. `#` does not match topics that begin with `$`.
# Seen:     Moquette 0.17. A retained message at QoS 0 is not kept, and it deletes the one that was kept at QoS 1: MQTT
#           3.1.1 allows that ("may"), aedes keeps it. What is kept comes to a late subscriber with the flag NOT set.
#           A message on `$x/y` comes to a subscriber of `#`. aedes 1.2.0 does as expected in all three.
# Why it matters for a plant: the state of a line, a recipe or a Sparkplug STATE is a retained message. With Moquette
#           (it is inside many Java gateways) a publisher at QoS 0 wipes it, and a value of last week looks live.
#           Publish retained at QoS 1, and judge age by a time inside the payload.
# Versions: io.moquette:moquette-broker 0.17, aedes 1.2.0, mqtt 5.16.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); broker=; trap 'kill $broker 2>/dev/null || true; rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund aedes@1.2.0 mqtt@5.16.0 > /dev/null
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>io.moquette</groupId><artifactId>moquette-broker</artifactId><version>0.17</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > Broker.java <<'JAVA'
import io.moquette.broker.Server;
import io.moquette.broker.config.MemoryConfig;
import java.util.Properties;

public class Broker {
  public static void main(String[] args) throws Exception {
    Properties settings = new Properties();
    settings.setProperty("host", "127.0.0.1");
    settings.setProperty("port", args[0]);
    settings.setProperty("allow_anonymous", "true");
    settings.setProperty("persistence_enabled", "false");
    settings.setProperty("telemetry_enabled", "false");
    new Server().startServer(new MemoryConfig(settings));
    Thread.sleep(90_000);
    System.exit(0);
  }
}
JAVA
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
java -cp 'lib/*' Broker.java "$port" > broker.log 2>&1 & broker=$!
for _ in $(seq 300); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.2; done

cat > retained.cjs <<'JS'
const assert = require('node:assert');
const net = require('node:net');
const mqtt = require('mqtt');
const { Aedes } = require('aedes');
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function listen(port, topics) {
  const client = await mqtt.connectAsync({ host: '127.0.0.1', port });
  const got = [];
  client.on('message', (topic, payload, packet) => got.push(`${topic}=${payload}${packet.retain ? ' retained' : ''}`));
  for (const topic of topics) await client.subscribeAsync(topic, { qos: 1 });
  await wait(500);
  return { client, got };
}

async function look(port) {
  const publisher = await mqtt.connectAsync({ host: '127.0.0.1', port });
  await publisher.publishAsync('caster/kept', 'a', { qos: 1, retain: true });
  await publisher.publishAsync('caster/wiped', 'a', { qos: 1, retain: true });
  await publisher.publishAsync('caster/wiped', 'b', { qos: 0, retain: true });
  await wait(500);
  const late = await listen(port, ['caster/+']);
  const all = await listen(port, ['#']);
  const before = all.got.length;
  await publisher.publishAsync('$x/y', '1', { qos: 1 });
  await wait(500);
  const seen = { late: late.got.sort(), dollar: all.got.slice(before) };
  for (const client of [publisher, late.client, all.client]) await client.endAsync(true);
  return seen;
}

(async () => {
  const aedes = await Aedes.createBroker();
  const server = net.createServer(aedes.handle);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const seen = { aedes: await look(server.address().port), moquette: await look(Number(process.argv[2])) };
  console.log(seen);
  assert.deepEqual(seen, {
    aedes: { late: ['caster/kept=a retained', 'caster/wiped=b retained'], dollar: [] },
    moquette: { late: ['caster/kept=a'], dollar: ['$x/y=1'] },
  });
  process.exit(0);
})();
JS
timeout 60 node retained.cjs "$port"
