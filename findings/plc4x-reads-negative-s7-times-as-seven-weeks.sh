#!/usr/bin/env bash
# Apache PLC4X beside other clients: a TIME of a Siemens PLC and a row of Modbus coils.
#
# Expected: S7 TIME is a signed number of milliseconds, T#-24d20h31m23s648ms to T#24d20h31m23s647ms. -1.5 s reads as -1.5 s.
#           A request for coil:1[10] gives ten values, or is refused.
# Seen:     PLC4X reads T#-1s500ms as PT1193H2M45.796S, 49 days, with response code OK. As DINT it reads -1500, as
#           python-snap7 does. coil:1[10] gives one value with code OK; the other nine are gone.
#           holding-register:1:BOOL[16] gives sixteen.
# Why it matters for a plant: a TIME is negative when a counter runs down past its target or a clock is compared; 49 days
#           then go into a mean. And nine of ten valve positions are missing without an error. Read TIME as DINT,
#           and coils one by one.
# Versions: Apache PLC4X 0.13.1, python-snap7 3.3.0, modbus-serial 8.0.25. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); plc=; device=; trap 'kill $plc $device 2>/dev/null || true; rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund --ignore-scripts modbus-serial@8.0.25 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-snap7==3.3.0
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.plc4x</groupId><artifactId>plc4j-driver-s7</artifactId><version>0.13.1</version></dependency>
<dependency><groupId>org.apache.plc4x</groupId><artifactId>plc4j-driver-modbus</artifactId><version>0.13.1</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null
free() { node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})"; }
s7=$(free); modbus=$(free)

cat > plc.py <<'PY'
import sys
import time

from snap7.server import Server
from snap7.type import SrvArea
from snap7.util import getters, setters

block = bytearray(8)
setters.set_time(block, 0, "-0:0:0:1.500")
print("python-snap7 reads the TIME as", getters.get_time(block, 0), "and its DINT as", getters.get_dint(block, 0), flush=True)
server = Server(log=False)
server.register_area(SrvArea.DB, 1, block)
server.start(int(sys.argv[1]))
time.sleep(90)
PY
venv/bin/python plc.py "$s7" 2> plc.log & plc=$!
cat > device.cjs <<'JS'
const ModbusRTU = require('modbus-serial');
const on = [0, 3, 9];
new ModbusRTU.ServerTCP(
  { getCoil: (address) => on.includes(address), getHoldingRegister: () => 0x0209 },
  { host: '127.0.0.1', port: Number(process.argv[2]), unitID: 255 },
);
setTimeout(() => process.exit(0), 90_000);
JS
node device.cjs "$modbus" & device=$!
for port in "$s7" "$modbus"; do for _ in $(seq 100); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.2; done; done

cat > Read.java <<'JAVA'
import java.util.*;
import java.util.concurrent.TimeUnit;
import org.apache.plc4x.java.api.*;

public class Read {
  static String read(PlcConnection plc, String address) throws Exception {
    var answer = plc.readRequestBuilder().addTagAddress("x", address).build().execute().get(10, TimeUnit.SECONDS);
    var all = answer.getAllObjects("x");
    String text = answer.getResponseCode("x") + " " + all.size() + " " + answer.getPlcValue("x");
    System.out.println("PLC4X " + address + " -> " + text);
    return text;
  }

  public static void main(String[] args) throws Exception {
    var drivers = PlcDriverManager.getDefault().getConnectionManager();
    boolean same = true;
    try (PlcConnection plc = drivers.getConnection("s7://127.0.0.1:" + args[0] + "?remote-rack=0&remote-slot=1")) {
      same &= read(plc, "%DB1:0.0:DINT").equals("OK 1 -1500");
      same &= read(plc, "%DB1:0.0:TIME").equals("OK 1 PT1193H2M45.796S");
    }
    try (PlcConnection plc = drivers.getConnection("modbus-tcp://127.0.0.1:" + args[1] + "?unit-identifier=1")) {
      same &= read(plc, "coil:1[10]").equals("OK 1 true");
      same &= read(plc, "coil:4").equals("OK 1 true");
      same &= read(plc, "holding-register:1:BOOL[16]").startsWith("OK 16 ");
    }
    System.exit(same ? 0 : 1);
  }
}
JAVA
timeout 60 java -cp 'lib/*' Read.java "$s7" "$modbus"
