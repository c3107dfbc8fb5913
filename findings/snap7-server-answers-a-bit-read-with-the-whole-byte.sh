#!/usr/bin/env bash
# A simulated Siemens PLC (the server of python-snap7) and its bits, read by three clients.
#
# Expected: DB1.DBX0.1 of a byte 0b10101010 is true, for each client.
# Seen:     nodes7 reads true; it fetches the byte and shifts. Apache PLC4X reads false: it asks for one bit with transport
#           size BIT, which a PLC answers with 0 or 1; this server answers with the whole byte 0xaa and PLC4X
#           looks at its lowest bit. So bits 1 to 7 all read as bit 0. python-snap7's own client, asked for one bit,
#           gives 0xaa too. Reading BOOL[8] as an array is right in PLC4X.
# Why it matters for a plant: tests of a gateway run against this server, since no PLC stands on the desk. A right gateway
#           is "mended" until it fails at the PLC. Test bits against a PLC, or read whole bytes.
# Versions: python-snap7 3.3.0, nodes7 0.3.18, Apache PLC4X 0.13.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); plc=; trap 'kill $plc 2>/dev/null || true; rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund nodes7@0.3.18 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-snap7==3.3.0
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.plc4x</groupId><artifactId>plc4j-driver-s7</artifactId><version>0.13.1</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")

cat > plc.py <<'PY'
import sys
import time

from snap7.server import Server
from snap7.type import SrvArea

server = Server(log=False)
server.register_area(SrvArea.DB, 1, bytearray([0b1010_1010, 0]))
server.start(int(sys.argv[1]))
time.sleep(90)
PY
venv/bin/python plc.py "$port" 2> plc.log & plc=$!
for _ in $(seq 100); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.2; done

cat > bits.cjs <<'JS'
const assert = require('node:assert');
const NodeS7 = require('nodes7');
const plc = new NodeS7({ silent: true });
setTimeout(() => process.exit(2), 20_000);
plc.initiateConnection({ port: Number(process.argv[2]), host: '127.0.0.1', rack: 0, slot: 1 }, () => {
  plc.addItems(['DB1,X0.0', 'DB1,X0.1', 'DB1,X0.3']);
  plc.readAllItems((bad, values) => {
    console.log('nodes7      ', values);
    assert.deepEqual(Object.values(values), [false, true, true]);
    process.exit(0);
  });
});
JS
node bits.cjs "$port"

cat > bit.py <<'PY'
import sys

import snap7
from snap7.type import Area, WordLen

client = snap7.Client()
client.connect("127.0.0.1", 0, 1, int(sys.argv[1]))
answer = client.read_area(Area.DB, 1, 1, 1, WordLen.Bit)
print("python-snap7 asked for bit 0.1:", answer.hex())
assert answer == b"\xaa", answer
PY
venv/bin/python bit.py "$port"

cat > Bits.java <<'JAVA'
import java.util.concurrent.TimeUnit;
import org.apache.plc4x.java.api.*;

public class Bits {
  public static void main(String[] args) throws Exception {
    StringBuilder seen = new StringBuilder();
    try (PlcConnection plc = PlcDriverManager.getDefault().getConnectionManager().getConnection("s7://127.0.0.1:" + args[0] + "?remote-rack=0&remote-slot=1")) {
      for (String address : new String[] {"%DB1.DBX0.0:BOOL", "%DB1.DBX0.1:BOOL", "%DB1.DBX0.3:BOOL", "%DB1:0.0:BOOL[8]"}) {
        var answer = plc.readRequestBuilder().addTagAddress("x", address).build().execute().get(10, TimeUnit.SECONDS);
        System.out.println("PLC4X        " + address + " " + answer.getResponseCode("x") + " " + answer.getPlcValue("x"));
        seen.append(answer.getPlcValue("x")).append(' ');
      }
    }
    System.exit(seen.toString().equals("false false false [false,true,false,true,false,true,false,true] ") ? 0 : 1);
  }
}
JAVA
timeout 60 java -cp 'lib/*' Bits.java "$port"
