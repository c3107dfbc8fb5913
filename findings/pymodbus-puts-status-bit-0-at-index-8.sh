#!/usr/bin/env bash
# A status word and a heat number in Modbus registers, decoded by pymodbus.
#
# Expected: convert_from_registers(..., BITS) gives bit 0 of the register at index 0. word_order="little" swaps the
#           registers of a 32-bit or 64-bit number, which is what such devices do; text stays in its order.
# Seen:     the register 0x0001 (bit 0 set) comes as True at index 8. The two bytes are swapped: indexes 0 to 7 are
#           bits 8 to 15, indexes 8 to 15 are bits 0 to 7. Encoding swaps too, so a round trip in a test is green.
#           With word_order="little" the text HEAT4711 comes as 1147ATHE, while a float beside it comes right.
#           modbus-serial (JavaScript) serves the same registers and reads them as written.
# Why it matters for a plant: "pump tripped" in bit 0 is read from bit 8, and a heat number turns into another one that
#           looks real. Take bits by shifting the register, and decode text with the default word order.
# Versions: pymodbus 3.16.1, modbus-serial 8.0.25. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); device=; trap 'kill $device 2>/dev/null || true; rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund --ignore-scripts modbus-serial@8.0.25 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pymodbus==3.16.1

cat > device.cjs <<'JS'
// A device with swapped words: status word, a float with its low word first, a text.
const fs = require('node:fs');
const net = require('node:net');
const ModbusRTU = require('modbus-serial');
const registers = [0x0001, 0xd000, 0x44c1, 0x4845, 0x4154, 0x3437, 0x3131];
const probe = net.createServer().listen(0, '127.0.0.1', () => {
  const { port } = probe.address();
  probe.close(() => {
    const server = new ModbusRTU.ServerTCP({ getHoldingRegister: (address) => registers[address] }, { host: '127.0.0.1', port, unitID: 255 });
    server.on('initialized', async () => {
      const client = new ModbusRTU();
      await client.connectTCP('127.0.0.1', { port });
      client.setID(1);
      const { data } = await client.readHoldingRegisters(0, registers.length);
      console.log('modbus-serial reads', data.map((r) => r.toString(16)).join(' '), '- bit 0 is', (data[0] & 1) === 1);
      if (data.join() !== registers.join()) process.exit(1);
      fs.writeFileSync('port', String(port));
    });
  });
});
setTimeout(() => process.exit(0), 60_000);
JS
node device.cjs & device=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done

cat > read.py <<'PY'
import sys

from pymodbus.client import ModbusTcpClient

client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]))
client.connect()
registers = client.read_holding_registers(0, count=7, device_id=1).registers
kinds = client.DATATYPE
bits = client.convert_from_registers(registers[:1], kinds.BITS)
steel = client.convert_from_registers(registers[1:3], kinds.FLOAT32, word_order="little")
heat = client.convert_from_registers(registers[3:], kinds.STRING, word_order="little")
print("pymodbus: the register", hex(registers[0]), "has True at index", [i for i, bit in enumerate(bits) if bit])
print("pymodbus, little word order: float", steel, "and text", heat)
back = client.convert_to_registers(bits, kinds.BITS)
print("pymodbus: the bits encoded again:", [hex(r) for r in back])
assert [i for i, bit in enumerate(bits) if bit] == [8]
assert back == [1] and steel == 1550.5 and heat == "1147ATHE"
PY
venv/bin/python read.py "$(cat port)"
