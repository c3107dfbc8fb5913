/** Checks a label that comes by REST, against its schema, the process definition and what its value may be. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { labelForm, liveMeaning } from '../../processes/target-label.ts';
import type { QualityLabel } from '../../schemas/generated/types.ts';
import { parseQualityLabel } from '../../schemas/json.ts';
import type { ProblemError } from './problem-details.ts';
import type { CheckedItem } from './sort-items.ts';

/** @param checkAsset the problems of an asset's name */
export function labelParser(
  { target, process }: ProcessDefinition,
  checkAsset: (asset: string) => readonly ProblemError[],
): (json: unknown) => CheckedItem<QualityLabel> {
  const checkTarget = (label: QualityLabel): ProblemError[] =>
    label.target === target.id
      ? []
      : [
          {
            path: 'target',
            message: `${label.target} is not the target of process ${process}, which is ${target.id}`,
          },
        ];
  return (json) => {
    const parsed = parseQualityLabel(json);
    if (!parsed.ok) return parsed;
    const label = parsed.value;
    const meaning = liveMeaning(target, label);
    const problems = [...checkAsset(label.asset), ...checkTarget(label), ...checkSpan(label)];
    const remedy = `A label is ${labelForm(target)}.`;
    if (meaning.kind === 'malformed') problems.push({ path: 'value', message: meaning.what, remedy });
    if (meaning.kind === 'unknown')
      problems.push({ path: 'defect', message: 'is missing: the target has classes', remedy });
    if (problems.length > 0 || meaning.kind !== 'known') return { ok: false, problems };
    // On the topic, a label is 0 or 1, with its class.
    return { ...parsed, value: { ...label, value: meaning.value, defect: meaning.defect } };
  };
}

function checkSpan({ eventTime, until, foundAt }: QualityLabel): ProblemError[] {
  const problems: ProblemError[] = [];
  if (until <= eventTime) problems.push({ path: 'until', message: 'must be later than eventTime' });
  if (foundAt < eventTime) problems.push({ path: 'foundAt', message: 'must not be earlier than eventTime' });
  return problems;
}
