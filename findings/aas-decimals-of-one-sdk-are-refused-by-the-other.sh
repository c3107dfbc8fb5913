#!/usr/bin/env bash
# Contents of a heat as xs:decimal in an Asset Administration Shell, written by one Python SDK and checked by another.
#
# Expected: xs:decimal has no exponent (XML Schema), so a writer spells the digits out: 0.0000005, 180000.
# Seen:     basyx-python-sdk 2.2.0 writes Decimal("0.0000005") as 5E-7 and Decimal("180000").normalize() as 1.8E+5, with
#           valueType xs:decimal. aas-core3.0 1.1.4 refuses both: "Value must be consistent with the value type."
#           Decimal("0.0004") is fine, so common values pass. BaSyx reads its own text back without a word.
# Why it matters for a plant: a material passport passes each test with percent values of carbon, and the customer's system
#           refuses it for the one heat with a trace of boron as a fraction, or for a round weight in kg.
#           Use xs:double, or write with format(value, "f") and check with a second SDK.
# Versions: basyx-python-sdk 2.2.0, aas-core3-0 1.1.4. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check basyx-python-sdk==2.2.0 aas-core3-0==1.1.4

cat > decimals.py <<'PY'
import json
from decimal import Decimal

import aas_core3.jsonization
import aas_core3.verification
from basyx.aas import model
from basyx.aas.adapter.json import AASToJsonEncoder
from basyx.aas.model import datatypes

seen = []
for value in [Decimal("0.0004"), Decimal("0.0000005"), Decimal("180000").normalize()]:
    prop = json.loads(json.dumps(model.Property("content", datatypes.Decimal, value), cls=AASToJsonEncoder))
    own = datatypes.from_xsd(prop["value"], datatypes.Decimal)
    errors = [error.cause for error in aas_core3.verification.verify(aas_core3.jsonization.property_from_jsonable(prop))]
    print(repr(value).ljust(20), "basyx writes", prop["value"].ljust(7), prop["valueType"], "- reads back", own, "- aas-core:", errors or "valid")
    assert own == value
    seen.append((prop["value"], len(errors)))
assert seen == [("0.0004", 0), ("5E-7", 1), ("1.8E+5", 1)], seen
PY
venv/bin/python decimals.py
