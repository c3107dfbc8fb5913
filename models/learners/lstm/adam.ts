/** The optimiser Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019). */
import { parameterNames, type LstmWeights, type ParameterName } from './weights.ts';

export type Gradients = Readonly<Record<ParameterName, Float32Array>>;

export interface AdamOptions {
  readonly weightDecay: number;
  /**
   * The maximum norm of the gradients of all parameters together; longer ones are scaled down (Pascanu et al. 2013).
   */
  readonly clipNorm: number;
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

/** @returns a function that changes the weights in place; call it once for each mini-batch */
export function createAdam(
  weights: LstmWeights,
  options: AdamOptions,
): (gradients: Gradients, rate: number) => void {
  const moments = parameterNames.map((name) => ({
    name,
    first: new Float32Array(weights[name].length),
    second: new Float32Array(weights[name].length),
    // Weight decay does not apply to biases.
    decay: name === 'bias' || name === 'headBias' ? 0 : options.weightDecay,
  }));
  let step = 0;
  return (gradients, rate) => {
    step += 1;
    const scale = Math.min(1, options.clipNorm / norm(gradients));
    const [correct1, correct2] = [1 - beta1 ** step, 1 - beta2 ** step];
    for (const { name, first, second, decay } of moments) {
      const [values, slopes] = [weights[name], gradients[name]];
      for (let i = 0; i < values.length; i += 1) {
        const slope = (slopes[i] ?? 0) * scale;
        const m = beta1 * (first[i] ?? 0) + (1 - beta1) * slope;
        const v = beta2 * (second[i] ?? 0) + (1 - beta2) * slope * slope;
        first[i] = m;
        second[i] = v;
        const value = values[i] ?? 0;
        values[i] = value - rate * (m / correct1 / (Math.sqrt(v / correct2) + epsilon) + decay * value);
      }
    }
  };
}

function norm(gradients: Gradients): number {
  let sum = 0;
  for (const name of parameterNames) {
    const values = gradients[name];
    for (let i = 0; i < values.length; i += 1) sum += (values[i] ?? 0) ** 2;
  }
  return Math.max(1e-12, Math.sqrt(sum));
}
