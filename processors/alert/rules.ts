/** What an alert rule watches in a prediction, and beyond which limit. */
import { describeFeature } from '../../processes/plant.ts';
import type { AlertRule, ProcessDefinition } from '../../processes/schema.ts';
import type { Prediction } from '../../schemas/generated/types.ts';
import type { Limits } from './lifecycle.ts';

/** Predictions may be missing for so many hops before the delays begin anew. */
const silentHops = 2;

export interface Rule {
  readonly definition: AlertRule;
  /** What is watched, in plant words. */
  readonly title: string;
  /** A value of it for people: "7.1 mm"; a probability as a percentage. */
  readonly inWords: (value: number) => string;
  valueIn(prediction: Prediction): number;
  limitsIn(prediction: Prediction): Limits;
}

export const compileRules = (definition: ProcessDefinition): readonly Rule[] =>
  definition.alerts.map((rule) => compile(definition, rule));

function compile(process: ProcessDefinition, rule: AlertRule): Rule {
  const { direction, onDelay, offDelay } = rule;
  const silence = silentHops * process.features.hop;
  const onProbability = rule.on === 'probability';
  const feature = onProbability ? undefined : describeFeature(process, rule.on);
  return {
    definition: rule,
    title: feature?.title ?? `probability of ${process.target.title}`,
    inWords: (value) =>
      onProbability
        ? percent(value)
        : `${withMinus(String(Number(value.toPrecision(3))))} ${feature?.unit ?? ''}`.trimEnd(),
    valueIn: (prediction) =>
      onProbability ? (prediction.probability ?? NaN) : (signal(prediction, rule.on) ?? NaN),
    limitsIn({ threshold }) {
      const limit = rule.limit === 'threshold' ? threshold : rule.limit;
      const deadBand =
        onProbability && direction === 'above' ? Math.min(rule.deadBand, limit / 2) : rule.deadBand;
      return { direction, limit, deadBand, onDelay, offDelay, silence };
    },
  };
}

const signal = ({ signals }: Prediction, name: string): number | undefined =>
  signals.find((each) => each.name === name)?.value;

/** 0.385 → "39 %", 0.0909 → "9.1 %", 0.996 → "99.6 %": near the ends the decimal matters, as the console has it. */
function percent(share: number): string {
  const digits = share < 0.0995 || (share > 0.99 && share < 0.9995) ? 1 : 0;
  return `${(100 * share).toFixed(digits)} %`;
}

/** A minus sign instead of a hyphen. */
const withMinus = (number: string): string => number.replace('-', '−');
