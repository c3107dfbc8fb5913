#!/usr/bin/env bash
# A random forest for a sensor node or a controller, turned into C code with emlearn. Needs a C compiler.
#
# Expected: emlearn.convert(model) keeps the numbers; its help says that a datatype "can be used to enable quantization", so without
#           one there is none. Integers would be refused for features such as a speed of 0.9 to 1.4 m/min.
# Seen:     without a datatype features and thresholds of trees are int16: everything behind the point is cut, without a word. For a
#           casting speed in m/min and a level in mm more than a quarter of the answers are others, of a classifier and of a
#           regression. With dtype="float" all agree with scikit-learn. With the speed in mm/min the default agrees too, but
#           for one answer in a hundred.
# Why it matters for a plant: the code is small, runs at the mould and answers plausibly. Which features are destroyed depends on
#           their unit only: those between 0 and 2 are gone, those in hundreds look fine. Name the datatype, and compare the
#           compiled answers with the model's own.
# Versions: emlearn 0.23.2, scikit-learn 1.7.2. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check emlearn==0.23.2 scikit-learn==1.7.2 numpy==2.2.6 setuptools==80.9.0

cat > forest.py <<'PY'
import emlearn
import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor


def rows(factor):
    source = np.random.default_rng(1)
    return np.column_stack([source.uniform(0.5, 1.9, 800) * factor, source.uniform(0, 300, 800)])


seen = {}
for unit, factor in (("m/min", 1), ("mm/min", 1000)):
    data = rows(factor)
    state = (data[:, 0] > 1.4 * factor).astype(int) + (data[:, 1] > 200)
    for kind, target in ((RandomForestClassifier, state), (RandomForestRegressor, state * 1.5)):
        model = kind(10, random_state=0).fit(data[:400], target[:400])
        own = model.predict(data[400:])
        for datatype in (None, "float"):
            code = emlearn.convert(model, dtype=datatype) if datatype else emlearn.convert(model)
            answers = np.asarray(code.predict(data[400:]), float).ravel()
            other = float((abs(answers - own) > 1e-3).mean())
            seen[unit, kind.__name__, datatype] = other
            print(f"speed in {unit:6} {kind.__name__:22} dtype {datatype or 'not named':9} other answers {other:6.1%}")
for name in ("RandomForestClassifier", "RandomForestRegressor"):
    assert seen["m/min", name, None] > 0.2
    assert seen["m/min", name, "float"] == 0
    assert seen["mm/min", name, None] < 0.05
PY
venv/bin/python forest.py > answers.log 2> errors.log || { cat answers.log errors.log; exit 1; }
grep '^speed' answers.log
