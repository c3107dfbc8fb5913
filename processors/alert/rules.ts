/** What an alert rule watches, in which kind of record, and against which limit. */
import { percentNearEnds } from '../../base/text.ts';
import { describeFeature } from '../../processes/plant.ts';
import {
  driftFigures,
  qualityFigures,
  type AlertRule,
  type ProcessDefinition,
} from '../../processes/schema.ts';
import type { DriftReport, LiveQuality, Prediction } from '../../schemas/generated/types.ts';
import type { Input } from '../../stream/index.ts';
import type { Limits } from './lifecycle.ts';

export type AlertInput =
  Input<'predictions', Prediction> | Input<'drift', DriftReport> | Input<'quality', LiveQuality>;

/** The number of hops for which records may be missing before the delays start again. */
const silentHops = 2;

export interface Rule {
  readonly definition: AlertRule;
  /** The watched value's name, in plant words. */
  readonly title: string;
  /** Formats a value for people: "7.1 mm"; a probability as a percentage. */
  readonly inWords: (value: number) => string;
  /** Reads the watched value. Undefined when the rule does not watch this kind of record; NaN when the value is not known. */
  valueIn(input: AlertInput): number | undefined;
  /** The limits that hold for a record that the rule watches. */
  limitsIn(input: AlertInput): Limits;
}

export const compileRules = (definition: ProcessDefinition): readonly Rule[] =>
  definition.alerts.map((rule) => ({ definition: rule, ...compile(definition, rule) }));

type Compiled = Omit<Rule, 'definition'>;

function compile(process: ProcessDefinition, rule: AlertRule): Compiled {
  const drift = driftFigures.find((figure) => rule.on === `drift.${figure}`);
  if (drift !== undefined) return onDrift(process, rule, drift);
  const quality = qualityFigures.find((figure) => rule.on === `quality.${figure}`);
  if (quality !== undefined) return onQuality(process, rule, quality);
  return rule.on === 'probability' ? onProbability(process, rule) : onFeature(process, rule);
}

function onProbability(process: ProcessDefinition, rule: AlertRule): Compiled {
  return {
    title: `probability of ${process.target.title}`,
    inWords: percentNearEnds,
    valueIn: (input) => (input.from === 'predictions' ? (input.value.probability ?? NaN) : undefined),
    limitsIn(input) {
      const threshold = input.from === 'predictions' ? input.value.threshold : NaN;
      const limit = rule.limit === 'threshold' ? threshold : rule.limit;
      // From the limit to the end of the scale, which the probability cannot pass.
      const room = rule.direction === 'above' ? limit : 1 - limit;
      const deadBand = Math.min(rule.deadBand, room / 2);
      return { ...fixedLimits(rule, process.features.hop), limit, deadBand };
    },
  };
}

function onFeature(process: ProcessDefinition, rule: AlertRule): Compiled {
  const feature = describeFeature(process, rule.on);
  const limits = fixedLimits(rule, process.features.hop);
  return {
    title: feature?.title ?? rule.on,
    inWords: (value) => `${number(value)} ${feature?.unit ?? ''}`.trimEnd(),
    valueIn: (input) => (input.from === 'predictions' ? (signal(input.value, rule.on) ?? NaN) : undefined),
    limitsIn: () => limits,
  };
}

const driftTitles = {
  score: 'drift index of the probability',
  worst: 'highest drift index of a feature',
} as const;

function onDrift(
  process: ProcessDefinition,
  rule: AlertRule,
  figure: (typeof driftFigures)[number],
): Compiled {
  const limits = fixedLimits(rule, process.drift.hop);
  return {
    title: driftTitles[figure],
    inWords: number,
    valueIn: (input) => (input.from === 'drift' ? (input.value[figure] ?? NaN) : undefined),
    limitsIn: () => limits,
  };
}

const qualityTitles = {
  precision: 'share of warnings that came true',
  recall: 'share of defects that were warned of',
  brier: 'Brier score',
  calibrationError: 'calibration error',
} as const;

function onQuality(
  process: ProcessDefinition,
  rule: AlertRule,
  figure: (typeof qualityFigures)[number],
): Compiled {
  const limits = fixedLimits(rule, process.quality.hop);
  return {
    title: qualityTitles[figure],
    inWords: figure === 'brier' ? number : percentNearEnds,
    // Earlier bundles still get reports for days, as their labels arrive. The rule watches only the current one.
    valueIn: (input) =>
      input.from === 'quality' && input.value.current ? (input.value[figure] ?? NaN) : undefined,
    limitsIn: () => limits,
  };
}

function fixedLimits({ direction, limit, deadBand, onDelay, offDelay }: AlertRule, hop: number): Limits {
  const silence = silentHops * hop;
  return { direction, limit: limit === 'threshold' ? NaN : limit, deadBand, onDelay, offDelay, silence };
}

const signal = ({ signals }: Prediction, name: string): number | undefined =>
  signals.find((each) => each.name === name)?.value;

/** Three digits, with a minus sign instead of a hyphen. */
const number = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');
