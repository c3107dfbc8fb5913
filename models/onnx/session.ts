/**
 * Opens ONNX Runtime with the settings that this project relies on. `run` blocks the thread, so call it in a worker.
 */
import './no-telemetry.ts';
import ort from 'onnxruntime-node';

export type Session = ort.InferenceSession;

/** Runs one operator at a time on one thread, so that results are the same bits every time. */
export function openSession(model: Uint8Array): Promise<Session> {
  return ort.InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
}

export const tensor = (data: Float32Array, shape: readonly number[]): ort.Tensor =>
  new ort.Tensor('float32', data, shape);

/** @throws Error when the model has no such output, or it is not of 32-bit floats; this is a bug */
export function floatsOf(outputs: ort.InferenceSession.ReturnType, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`the model's output "${name}" is not a float tensor`);
  return data;
}
