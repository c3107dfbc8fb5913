#!/usr/bin/env bash
# A LightGBM model with linear_tree (a straight line in each leaf), taken to other runtimes and explained.
#
# Expected: a runtime that does not know linear leaves refuses the model: its file says is_linear=1.
# Seen:     lleaves, m2cgen and shap with background rows take it, and answer with the leaf's constant alone: all three are the
#           same, and off by up to 0.28 of a range of 3.4, in 396 of 400 rows. None warns. shap's check that its parts
#           add up to the prediction passes, since it compares with its own copy of the trees.
#           treelite refuses, with a clear text. shap without background refuses too.
# Why it matters for a plant: process values often follow straight lines, so linear leaves fit well. The compiled model runs, its
#           answers look like those of a weaker model, and the explanation belongs to another model. Compare with predict() on
#           real rows after each change of runtime.
# Versions: lightgbm 4.7.0, lleaves 1.3.0 with llvmlite 0.44.0, m2cgen 0.10.0, shap 0.49.1, treelite 4.8.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check lightgbm==4.7.0 lleaves==1.3.0 llvmlite==0.44.0 numba==0.61.2 m2cgen==0.10.0 shap==0.49.1 treelite==4.8.1 scikit-learn==1.7.2 numpy==2.2.6

cat > linear.py <<'PY'
import warnings

import lightgbm as lgb
import lleaves
import m2cgen
import numpy as np
import shap
import treelite

warnings.filterwarnings("ignore")
source = np.random.default_rng(1)
rows = source.uniform(-1, 1, size=(2000, 3))
target = 2 * rows[:, 0] + np.where(rows[:, 1] > 0, rows[:, 2], -rows[:, 2]) + source.normal(0, 0.05, 2000)
model = lgb.LGBMRegressor(linear_tree=True, n_estimators=20, num_leaves=8, random_state=1, n_jobs=1, deterministic=True, verbose=-1).fit(rows, target)
model.booster_.save_model("model.txt")
tests = source.uniform(-1, 1, size=(400, 3))
truth = model.predict(tests)

compiled = lleaves.Model("model.txt")
compiled.compile()
code = {}
exec(m2cgen.export_to_python(model), code)
explainer = shap.TreeExplainer(model.booster_, rows[:100])
answers = {
    "lleaves": compiled.predict(tests),
    "m2cgen": np.array([code["score"](list(row)) for row in tests]),
    "shap": explainer.shap_values(tests).sum(axis=1) + explainer.expected_value,
}


def refuses(act):
    try:
        act()
    except Exception as refused:
        return str(refused).split(":")[-1].strip()[:90]
    return None


refusals = {
    "treelite": refuses(lambda: treelite.frontend.load_lightgbm_model("model.txt")),
    "shap without background": refuses(lambda: shap.TreeExplainer(model.booster_).shap_values(tests)),
}
print("lightgbm itself: range", round(float(np.ptp(truth)), 2))
for name, answer in answers.items():
    print(f"{name:8} off by more than 0.001 in {int((abs(answer - truth) > 1e-3).sum())} of 400 rows, by {abs(answer - truth).max():.3f} at most")
for name, refusal in refusals.items():
    print(name, "refuses:", refusal)
assert all((abs(answer - truth) > 1e-3).sum() > 350 and np.allclose(answer, answers["m2cgen"], atol=1e-5) for answer in answers.values())
assert all(refusals.values())
PY
venv/bin/python linear.py 2> errors.log || { cat errors.log; exit 1; }
