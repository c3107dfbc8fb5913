#!/usr/bin/env bash
# shap on XGBoost 3 models, with and without background rows: a DART model, two targets, and two quantiles.
#
# Expected: the parts of an explanation and its base add up to the prediction, in either mode. shap refuses a model that it
#           cannot read.
# Seen:     without background rows shap lets XGBoost do the work, and all adds up. With them shap reads the trees itself:
#           - DART: the weights of the trees are left out. The sum is off by -59 to 59 K, where the prediction's
#             own range is about 50 K;
#           - several outputs: each output starts from the first one's base_score. The second of two targets is off
#             by 1500, the 90 % quantile by -33.2, the same in each row.
#           shap's check for additivity passes in all, as it compares with its own copy of the trees.
#           Parallel trees and vector leaves are refused.
# Why it matters for a plant: background rows make an explanation say "compared with normal operation". The operator reads parts of a
#           temperature that the model never gave. Compare the sum with predict() before a chart is shown.
# Versions: xgboost 3.2.0, shap 0.51.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check shap==0.51.0 scikit-learn==1.7.2 numpy==2.2.6
venv/bin/pip install --quiet --disable-pip-version-check --no-deps xgboost==3.2.0 # without the GPU's libraries

cat > sums.py <<'PY'
import warnings

import numpy as np
import shap
import xgboost as xgb

warnings.filterwarnings("ignore")
source = np.random.default_rng(1)
rows = source.uniform(-1, 1, size=(1000, 3)).astype(np.float32)
target = 1550 + 20 * rows[:, 0] + 10 * rows[:, 1] ** 2 + source.normal(0, 3, 1000)
cases = {
    "DART": ({"booster": "dart", "rate_drop": 0.5}, target),
    "two targets": ({}, np.column_stack([target, target - 1500])),
    "quantiles 0.1, 0.9": ({"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}, target),
}
seen = {}
for name, (settings, labels) in cases.items():
    model = xgb.train({"max_depth": 4, "seed": 1, "nthread": 1, **settings}, xgb.DMatrix(rows, labels), 20)
    truth = model.predict(xgb.DMatrix(rows[:200]), output_margin=True).reshape(200, -1)
    seen[name] = []
    for mode, explainer in [("without", shap.TreeExplainer(model)), ("with", shap.TreeExplainer(model, rows[-100:]))]:
        total = (explainer.shap_values(rows[:200]).sum(axis=1) + np.asarray(explainer.expected_value)).reshape(200, -1) - truth
        seen[name].append((total.min(axis=0), total.max(axis=0)))
        print(f"{name:18} {mode:7} background: sum - prediction from {np.round(total.min(axis=0), 1) + 0.0} to {np.round(total.max(axis=0), 1) + 0.0}")
for without, _ in seen.values():
    assert max(abs(without[0]).max(), abs(without[1]).max()) < 0.01
(low, high) = seen["DART"][1]
assert max(-low[0], high[0]) > 1
for name in ["two targets", "quantiles 0.1, 0.9"]:
    (low, high) = seen[name][1]
    assert abs(low[0]) < 0.01 and abs(high[0]) < 0.01, "the first output adds up"
    assert abs(high[1] - low[1]) < 0.01 and abs(low[1]) > 1, "the second is off by one amount in each row"
PY
venv/bin/python sums.py 2> errors.log || { cat errors.log; exit 1; }
