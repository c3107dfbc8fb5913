#!/usr/bin/env bash
# Phases of slag and mould powder, written as usual with a dot between the oxides, in three formula libraries.
#
# Expected: CaO.2Al2O3 is CaO with two Al2O3, 260.0 g/mol. Cuspidine 3CaO.2SiO2.CaF2 has 366.5 g/mol.
#           Gypsum CaSO4.2H2O has 172.2 g/mol. A library that does not know the dot refuses.
# Seen:     molmass reads all four right. periodictable and chempy read the dot after a digit or letter as a decimal point:
#           CaSO4.2H2O as 4.2 oxygen, 157.3 g/mol, in both. periodictable reads CaO.2Al2O3 as CaO(0.2)Al2O3, 145.2 g/mol;
#           12CaO.7Al2O3 as 1838.8 instead of 1386.7; cuspidine as 544.3, where the 3 counts for the whole and the
#           second dot means nothing. chempy refuses these. Where no digit follows the dot, as in FeO.Fe2O3, both refuse.
# Why it matters for a plant: a mass balance of slag or a dose of powder is off by up to a half, for some phases
#           only. molmass, in turn, refuses wuestite as Fe0.95O, which the others read.
#           Write the sum of elements (Ca4Si2F2O7), and compare with a known mass.
# Versions: molmass 2026.1.8, periodictable 2.1.0, chempy 0.10.2. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check molmass==2026.1.8 periodictable==2.1.0 chempy==0.10.2

cat > phases.py <<'PY'
import chempy
import molmass
import periodictable

readers = {
    "molmass": lambda text: molmass.Formula(text).mass,
    "periodictable": lambda text: periodictable.formula(text).mass,
    "chempy": lambda text: chempy.Substance.from_formula(text).mass,
}


def mass(reader, text):
    try:
        return round(reader(text), 1)
    except Exception as refused:
        return "refused"


expected = {
    "CaO.2Al2O3": [260.0, 145.2, "refused"],
    "12CaO.7Al2O3": [1386.7, 1838.8, "refused"],
    "3CaO.2SiO2.CaF2": [366.5, 544.3, "refused"],
    "CaSO4.2H2O": [172.2, 157.3, 157.3],
    "FeO.Fe2O3": [231.5, "refused", "refused"],
    "Fe0.95O": ["refused", 69.1, 69.1],
    "Ca4Si2F2O7": [366.5, 366.5, 366.5],
}
seen = {text: [mass(reader, text) for reader in readers.values()] for text in expected}
for text, masses in seen.items():
    print(text.ljust(16), ", ".join(f"{name} {value}" for name, value in zip(readers, masses)))
assert seen == expected
PY
venv/bin/python phases.py
