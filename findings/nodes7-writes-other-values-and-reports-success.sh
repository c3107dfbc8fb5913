#!/usr/bin/env bash
# Writing to a Siemens PLC with nodes7: a 64-bit counter and a bit.
#
# Expected: the address type LINT is accepted, so a LINT can be read and written. Writing 1 to a bit sets it. What
#           cannot be written is refused.
# Seen:     a LINT reads as undefined. Writing 4711 to a LINT that holds -5 stores 0: eight bytes of zero go out. Writing 1
#           to a bit clears it: only `true` counts as set. The callback of both writes says that nothing was bad.
#           The PLC here is the server of python-snap7; its bytes are read back by python-snap7.
# Why it matters for a plant: a set-point or a heat counter that a level-2 system writes becomes 0, a release bit goes
#           off, and the writer hears "written". Read back what was written, write bits as booleans, and write
#           64-bit values as bytes.
# Versions: nodes7 0.3.18, python-snap7 3.3.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); plc=; trap 'kill $plc 2>/dev/null || true; rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund nodes7@0.3.18 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-snap7==3.3.0

cat > plc.py <<'PY'
import socket
import time

from snap7.server import Server
from snap7.type import SrvArea
from snap7.util import setters

block = bytearray(32)
setters.set_lint(block, 0, -5)
block[8] = 0b0000_0010  # DB1.DBX8.1 is set
probe = socket.socket()
probe.bind(("127.0.0.1", 0))
port = probe.getsockname()[1]
probe.close()
server = Server(log=False)
server.register_area(SrvArea.DB, 1, block)
server.start(port)
open("port", "w").write(str(port))
time.sleep(60)
PY
venv/bin/python plc.py > plc.log 2>&1 & plc=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done

cat > client.cjs <<'JS'
const assert = require('node:assert');
const NodeS7 = require('nodes7');
const plc = new NodeS7({ silent: true });
const addresses = { counter: 'DB1,LINT0', release: 'DB1,X8.1' };
const read = () => new Promise((done) => plc.readAllItems((bad, values) => done({ bad, ...values })));
const write = (name, value) => new Promise((done) => plc.writeItems(name, value, done));
setTimeout(() => process.exit(2), 20_000);
plc.initiateConnection({ port: Number(process.argv[2]), host: '127.0.0.1', rack: 0, slot: 1 }, async (error) => {
  assert.equal(error, undefined);
  plc.setTranslationCB((name) => addresses[name]);
  plc.addItems(Object.keys(addresses));
  const before = await read();
  console.log('before:', before);
  const bad = { counter: await write('counter', 4711), release: await write('release', 1) };
  console.log('bad, of writing 4711 and 1:', bad);
  const after = await read();
  console.log('after:', after);
  assert.deepEqual(before, { bad: false, counter: undefined, release: true });
  assert.deepEqual(bad, { counter: false, release: false });
  assert.equal(after.release, false);
  process.exit(0);
});
JS
node client.cjs "$(cat port)"

cat > check.py <<'PY'
import sys

import snap7

client = snap7.Client()
client.connect("127.0.0.1", 0, 1, int(sys.argv[1]))
stored = client.db_read(1, 0, 9)
print("stored in the PLC:", stored.hex(" "))
assert stored == bytes(9), stored
PY
venv/bin/python check.py "$(cat port)"
