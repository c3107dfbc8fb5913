#!/usr/bin/env bash
# A Modbus device that answers one request half a second after the client's time-out, once. The client goes on reading.
#
# Expected: the late answer is thrown away: Modbus TCP numbers its requests, and a client of RTU over TCP, which has no numbers, empties
#           its buffer before it asks again. At worst there is an error until the connection is made anew.
# Seen:     two registers are read in turn, 1536 (a temperature) and 42 (a percentage). After one late answer uModbus never looks at
#           the number: from then on each register has the other's value, for as long as the connection lives.
#           modbus-serial does the same with RTU over TCP (connectTelnet); its connectTCP is right, and so is
#           pyModbusTCP. There is one error, the time-out, and good values ever after.
# Why it matters for a plant: a gateway or a PLC that pauses once is daily life. Hours later the cooling water has the temperature
#           of the steel, or two strands have each other's values, which nobody can see. Close the connection after
#           every time-out.
# Versions: uModbus 1.0.4, pyModbusTCP 0.3.1, modbus-serial 8.0.25, pymodbus 3.16.1 (the device). Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); pids=; trap 'kill $pids 2>/dev/null || true; rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund --ignore-scripts modbus-serial@8.0.25 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uModbus==1.0.4 pyModbusTCP==0.3.1 pymodbus==3.16.1 pyserial==3.5
free() { node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})"; }
tcp=$(free); rtu=$(free)

cat > device.py <<'PY'
import asyncio
import sys

from pymodbus import FramerType
from pymodbus.server import StartAsyncTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice


async def main():
    registers = SimData(0, values=[1536, 42], datatype=DataType.REGISTERS)
    await StartAsyncTcpServer(SimDevice(1, simdata=[registers]), address=("127.0.0.1", int(sys.argv[1])), framer=FramerType(sys.argv[2]))


asyncio.run(main())
PY
cat > line.cjs <<'JS'
// One port for each client; it hands on everything between client and device. The third answer on a port comes 1.5 seconds late.
const net = require('node:net');
const [device, file, clients] = process.argv.slice(2);
const wait = (time) => new Promise((done) => setTimeout(done, time));
const ports = [];
for (let client = 0; client < Number(clients); client += 1) {
  let answers = 0;
  const line = net.createServer((near) => {
    const far = net.connect(Number(device), '127.0.0.1');
    let before = Promise.resolve();
    near.on('data', (bytes) => far.write(bytes)).on('close', () => far.destroy()).on('error', () => {});
    far.on('data', (bytes) => {
      answers += 1;
      const late = answers === 3 ? 1500 : 0;
      before = before.then(() => wait(late)).then(() => near.write(bytes));
    });
  });
  line.listen(0, '127.0.0.1', () => {
    ports.push(line.address().port);
    if (ports.length === Number(clients)) require('node:fs').writeFileSync(file, ports.join(' '));
  });
}
JS
venv/bin/python device.py "$tcp" socket 2> tcp.log & pids="$pids $!"
venv/bin/python device.py "$rtu" rtu 2> rtu.log & pids="$pids $!"
for port in "$tcp" "$rtu"; do for _ in $(seq 150); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.2; done; done
node line.cjs "$tcp" tcp.ports 3 & pids="$pids $!"
node line.cjs "$rtu" rtu.ports 1 & pids="$pids $!"
for name in tcp.ports rtu.ports; do for _ in $(seq 100); do [ -s $name ] && break; sleep 0.1; done; done
read -r first second third < tcp.ports || true
read -r fourth < rtu.ports || true

cat > client.py <<'PY'
import socket
import sys
import time

from pyModbusTCP.client import ModbusClient
from umodbus.client import tcp

line = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
line.settimeout(1)
other = ModbusClient("127.0.0.1", int(sys.argv[2]), timeout=1)
clients = {
    "uModbus": lambda register: tcp.send_message(tcp.read_holding_registers(1, register, 1), line),
    "pyModbusTCP": lambda register: other.read_holding_registers(register, 1),
}
seen = {}
for name, read in clients.items():
    rows = []
    for turn in range(10):
        try:
            rows.append((read(turn % 2) or [None])[0])
        except TimeoutError:
            rows.append(None)
        time.sleep(0.3)
    print(f"{name:32}", rows)
    seen[name] = rows
assert seen["uModbus"] == [1536, 42, None] + [1536, 42] * 3 + [1536], seen  # register 1 is 1536 and register 0 is 42
assert seen["pyModbusTCP"] == [1536, 42, None] + [42, 1536] * 3 + [42], seen
PY
echo "register                         0, 1, 0 and so on"
venv/bin/python client.py "$first" "$second"

cat > client.cjs <<'JS'
const assert = require('node:assert');
const ModbusRTU = require('modbus-serial');
const wait = (time) => new Promise((done) => setTimeout(done, time));
const read = async (how, port) => {
  const client = new ModbusRTU();
  await client[how]('127.0.0.1', { port });
  client.setID(1);
  client.setTimeout(1000);
  const rows = [];
  for (let turn = 0; turn < 10; turn += 1) {
    try {
      rows.push((await client.readHoldingRegisters(turn % 2, 1)).data[0]);
    } catch (error) {
      assert.match(error.message, /timed out/i);
      rows.push(null);
    }
    await wait(300);
  }
  client.close(() => {});
  console.log(`modbus-serial, ${how}`.padEnd(32), rows.join(', '));
  return rows;
};
(async () => {
  const right = [1536, 42, null, 42, 1536, 42, 1536, 42, 1536, 42];
  const exchanged = [1536, 42, null, 1536, 42, 1536, 42, 1536, 42, 1536];
  assert.deepEqual(await read('connectTCP', Number(process.argv[2])), right);
  assert.deepEqual(await read('connectTelnet', Number(process.argv[3])), exchanged);
  process.exit(0);
})();
JS
node client.cjs "$third" "$fourth"
