#!/usr/bin/env bash
# A LightGBM model with zero_as_missing, for sensors that send 0 when they are off, in two libraries that read its trees.
#
# Expected: each node of the file says what counts as missing: nothing, NaN, or zero and NaN. A reader follows, or refuses.
# Seen:     a model of a temperature in which "off" belongs to the hot side. lightgbm and lleaves answer 2.97 for 0 and for NaN.
#           treelite takes 0, and NaN too, for a very low number: -2.92 for both. shap with background rows explains the row
#           with 0 by -2.92 and the one with NaN by 2.97; its own check for additivity passes.
#           Rows with a temperature are the same in all four.
# Why it matters for a plant: the model is right in the notebook and wrong in the runtime, and only while a sensor is off. The option
#           was set for just that. Turn 0 into NaN in the pipeline, and train without the option.
# Versions: lightgbm 4.7.0, treelite 4.8.1, shap 0.49.1, lleaves 1.3.0 with llvmlite 0.44.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check lightgbm==4.7.0 treelite==4.8.1 shap==0.49.1 lleaves==1.3.0 llvmlite==0.44.0 numba==0.61.2 scikit-learn==1.7.2 numpy==2.2.6

cat > zeros.py <<'PY'
import warnings

import lightgbm as lgb
import lleaves
import numpy as np
import shap
import treelite

warnings.filterwarnings("ignore")
source = np.random.default_rng(1)
rows = np.column_stack([source.uniform(1500, 1600, 2000), source.uniform(0, 1, 2000)])
rows[source.random(2000) < 0.3, 0] = 0  # the sensor is off
target = np.where((rows[:, 0] == 0) | (rows[:, 0] > 1550), 3, -3) + source.normal(0, 0.05, 2000)
settings = dict(objective="regression", zero_as_missing=True, num_leaves=8, seed=1, num_threads=1, deterministic=True, verbose=-1)
model = lgb.train(settings, lgb.Dataset(rows, target), 40)
model.save_model("model.txt")

tests = np.array([[0.0, 0.5], [np.nan, 0.5], [1520, 0.5], [1580, 0.5]])
compiled = lleaves.Model("model.txt")
compiled.compile()
explainer = shap.TreeExplainer(model, rows[:100])
answers = {
    "lightgbm": model.predict(tests),
    "lleaves": compiled.predict(tests),
    "treelite": treelite.gtil.predict(treelite.frontend.load_lightgbm_model("model.txt"), tests).reshape(-1),
    "shap": explainer.shap_values(tests).sum(axis=1) + explainer.expected_value,
}
print("         0      NaN    1520   1580")
for name, answer in answers.items():
    print(name.ljust(8), " ".join(f"{value:6.2f}" for value in answer))
truth = answers["lightgbm"]
assert truth[0] == truth[1] and np.allclose(answers["lleaves"], truth)
for name in ["treelite", "shap"]:
    print(name, "is off by", np.round(abs(answers[name] - truth), 2))
assert (abs(answers["treelite"] - truth) > 5).tolist() == [True, True, False, False]
assert (abs(answers["shap"] - truth) > 5).tolist() == [True, False, False, False]
assert np.allclose(answers["treelite"][2:], truth[2:], atol=1e-5) and np.allclose(answers["shap"][1:], truth[1:], atol=1e-5)
PY
venv/bin/python zeros.py 2> errors.log || { cat errors.log; exit 1; }
