#!/usr/bin/env bash
# A batch of two heats of unlike length in an ONNX model with a GRU or LSTM, in three runtimes.
#
# Expected: sequence_lens says how many rows of a heat count; the last state is that of its last row, and what pads the shorter heat
#           changes nothing. direction=reverse reads from the end. onnx.reference is the definition in code, and a runtime
#           that lacks a feature refuses the model.
# Seen:     onnxruntime gives the padded heat the same state as the heat alone. onnx.reference ignores sequence_lens in GRU and LSTM, and
#           ignores activations (HardSigmoid of older Keras models), clip and input_forget: finite, plausible, wrong. OpenCV ignores
#           sequence_lens in GRU too, reads a reversed GRU forwards, and gives another last state for a reversed LSTM. Its
#           outputs without these features are equal to onnxruntime's.
# Why it matters for a plant: heats and casts differ in length, so batches are padded. A model is checked with the reference, or
#           runs in OpenCV beside a camera: the longest heat of a batch is right, all others are wrong, and the answer
#           depends on the neighbours. Check with heats of several lengths and one heat at a time.
# Versions: onnx 1.23.2, onnxruntime 1.32.0, opencv-python-headless 5.0.0.93. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 opencv-python-headless==5.0.0.93 numpy==2.4.6

cat > heats.py <<'PY'
import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

STEPS, FEATURES, STATE = 5, 2, 3
source = np.random.default_rng(0)
long_heat, short_heat = (source.normal(size=(n, FEATURES)).astype("f") for n in (5, 3))
batch = np.zeros((STEPS, 2, FEATURES), "f")
batch[:5, 0], batch[:3, 1] = long_heat, short_heat


def model(kind, steps, heats, lengths=False, **attributes):
    gates = {"GRU": 3, "LSTM": 4}[kind]
    source = np.random.default_rng(7)
    shapes = {"W": (1, gates * STATE, FEATURES), "R": (1, gates * STATE, STATE), "B": (1, 2 * gates * STATE)}
    weights = [numpy_helper.from_array(source.normal(size=shape).astype("f"), name) for name, shape in shapes.items()]
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, [steps, heats, FEATURES])]
    if lengths:
        inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, [heats]))
    node = helper.make_node(kind, ["X", "W", "R", "B"] + ["lengths"] * lengths, ["all", "last"], hidden_size=STATE, **attributes)
    outputs = [
        helper.make_tensor_value_info("all", TensorProto.FLOAT, [steps, 1, heats, STATE]),
        helper.make_tensor_value_info("last", TensorProto.FLOAT, [1, heats, STATE]),
    ]
    graph = helper.make_graph([node], "heats", inputs, outputs, weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(made)
    return made


def runtime(made, feed):
    return onnxruntime.InferenceSession(made.SerializeToString()).run(["last"], feed)[0].reshape(-1, STATE)


def reference(made, feed):
    return ReferenceEvaluator(made).run(["last"], feed)[0].reshape(-1, STATE)


def opencv(made, feed):
    net = cv2.dnn.readNetFromONNX(np.frombuffer(made.SerializeToString(), np.uint8))
    for name, value in feed.items():
        net.setInput(value, name)
    return net.forward(["all", "last"])[1].reshape(-1, STATE)


def off(kind, run, steps=STEPS, lengths=False, **attributes):
    """How far the last states of the long and the short heat are from onnxruntime's."""
    made = model(kind, steps, 2, lengths, **attributes)
    feed = {"X": batch} | ({"lengths": np.array([5, 3], np.int32)} if lengths else {})
    return [round(float(distance), 2) for distance in abs(run(made, feed) - runtime(made, feed)).max(axis=1)]


for kind in ("GRU", "LSTM"):
    together = runtime(model(kind, STEPS, 2, True), {"X": batch, "lengths": np.array([5, 3], np.int32)})
    alone = runtime(model(kind, 3, 1), {"X": short_heat[:, None]})
    assert np.allclose(together[1], alone[0], atol=1e-6)
print("onnxruntime: the short heat has one state, alone and padded")

hard = {"GRU": ["HardSigmoid", "Tanh"], "LSTM": ["HardSigmoid", "Tanh", "Tanh"]}
print("off by, for the long and the short heat:")
for name, run, kind, options, wrong in [
    ("onnx.reference", reference, "GRU", {}, [0, 0]),
    ("onnx.reference", reference, "LSTM", {}, [0, 0]),
    ("onnx.reference", reference, "GRU", {"lengths": True}, [0, 1]),
    ("onnx.reference", reference, "LSTM", {"lengths": True}, [0, 1]),
    ("onnx.reference", reference, "GRU", {"activations": hard["GRU"]}, [1, 1]),
    ("onnx.reference", reference, "LSTM", {"activations": hard["LSTM"]}, [1, 1]),
    ("onnx.reference", reference, "LSTM", {"input_forget": 1}, [1, 1]),
    ("onnx.reference", reference, "LSTM", {"clip": 0.5}, [1, 1]),
    ("onnx.reference", reference, "LSTM", {"direction": "reverse"}, [0, 0]),
    ("OpenCV", opencv, "GRU", {}, [0, 0]),
    ("OpenCV", opencv, "LSTM", {}, [0, 0]),
    ("OpenCV", opencv, "GRU", {"lengths": True}, [0, 1]),
    ("OpenCV", opencv, "GRU", {"direction": "reverse"}, [1, 1]),
    ("OpenCV", opencv, "LSTM", {"direction": "reverse"}, [1, 1]),
]:
    distances = off(kind, run, **options)
    print(f"{name:14} {kind:4} {options} {distances}")
    assert [int(distance > 0.01) for distance in distances] == wrong
PY
venv/bin/python heats.py 2> errors.log || { cat errors.log; exit 1; }
