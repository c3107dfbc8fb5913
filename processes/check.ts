/** The checks that the shape cannot express: names must exist, and spans must fit each other. */
import { duration } from '../base/text.ts';
import { checkCsvForms } from './check-csv.ts';
import { checkNames } from './check-names.ts';
import { featureNames, listFeatures, statisticName } from './features.ts';
import { didYouMean, type NamedThing, type DefinitionProblem } from './definition-problem.ts';
import { baselineStatistics, driftFigures, qualityFigures, type ProcessDefinition } from './schema.ts';

type Report = (path: DefinitionProblem['path'], message: string, unknown?: NamedThing) => void;

/** Finds every contradiction in a definition of the right shape. */
export function checkDefinition(definition: ProcessDefinition): readonly DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  const report: Report = (path, message, unknown) =>
    problems.push({ path, message, ...(unknown && { unknown }) });
  checkNames(definition, report);
  checkCells(definition, report);
  checkTags(definition, report);
  checkSpans(definition, report);
  checkRules(definition, report);
  checkBaseline(definition, report);
  checkInteractions(definition, report);
  checkSequence(definition, report);
  checkTarget(definition, report);
  checkAlerts(definition, report);
  checkWatch(definition, report);
  checkCsv(definition, report);
  return problems;
}

function unique(
  names: readonly string[],
  at: (index: number) => DefinitionProblem['path'],
  what: string,
  report: Report,
) {
  const seen = new Map<string, number>();
  names.forEach((name, index) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    // reported once, even if the name is there three times
    if (times === 2) report(at(index), `${what} ${name} is listed twice`);
  });
}

function exists(
  name: string,
  known: Iterable<string>,
  path: DefinitionProblem['path'],
  what: NamedThing,
  report: Report,
  where = '',
) {
  const all = [...known];
  if (!all.includes(name)) report(path, `there is no ${what}${where} ${name}${didYouMean(name, all)}`, what);
}

function checkCells({ cells, hierarchy, piece }: ProcessDefinition, report: Report): void {
  for (const [level, name] of Object.entries(hierarchy))
    if (name.includes('/'))
      report(
        ['hierarchy', level],
        `${name} must not contain a slash, which separates the parts of an asset path`,
      );
  if (cells !== 'any') {
    unique(cells, (index) => ['cells', index], 'cell', report);
    cells.forEach((cell, index) => {
      if (cell.includes('/'))
        report(
          ['cells', index],
          `${cell} must not contain a slash, which separates the parts of an asset path`,
        );
    });
  }
  if (piece) unique([...piece.levels, ...piece.properties], () => ['piece'], 'name', report);
}

function checkTags({ tags, time }: ProcessDefinition, report: Report): void {
  unique(
    tags.map((tag) => tag.id),
    (index) => ['tags', index, 'id'],
    'tag',
    report,
  );
  if (!tags.some((tag) => tag.required))
    report(['tags'], 'at least one tag must be required: the completeness counts the required tags');
  tags.forEach((tag, index) => {
    const { range, normal, stuckAfter, anomaly } = tag;
    if (normal[0] < range[0] || normal[1] > range[1])
      report(
        ['tags', index, 'normal'],
        `${tag.id}: the normal band [${normal.join(', ')}] is not within the range [${range.join(', ')}]`,
      );
    for (const [place, sentinel] of tag.sentinels.entries())
      if (sentinel >= normal[0] && sentinel <= normal[1])
        report(
          ['tags', index, 'sentinels', place],
          `${tag.id}: the sentinel ${sentinel} lies in the normal band, so good values would be discarded`,
        );
    if (stuckAfter !== undefined && stuckAfter < 2 * time.period)
      report(
        ['tags', index, 'stuckAfter'],
        `${tag.id}: must be at least two periods (${duration(2 * time.period)})`,
      );
    if (anomaly && anomaly.atLeast >= range[1] - range[0])
      report(
        ['tags', index, 'anomaly', 'atLeast'],
        `${tag.id}: must be smaller than the range is wide, or no value is ever flagged`,
      );
  });
}

function checkSpans({ time, features }: ProcessDefinition, report: Report): void {
  const multiple = (span: number, path: DefinitionProblem['path']): void => {
    if (span <= 0 || span % time.period !== 0)
      report(path, `${duration(span)} must be a multiple of the period (${duration(time.period)})`);
  };
  if (time.period <= 0) {
    report(['time', 'period'], 'must be longer than 0');
    return;
  }
  multiple(features.hop, ['features', 'hop']);
  const windows = Object.entries(features.windows);
  if (windows.length === 0) report(['features', 'windows'], 'must have at least one window');
  for (const [name, span] of windows) multiple(span, ['features', 'windows', name]);
  if (features.sequence) multiple(features.sequence.every, ['features', 'sequence', 'every']);
}

function checkRules(definition: ProcessDefinition, report: Report): void {
  const tags = definition.tags.map((tag) => tag.id);
  const windows = Object.keys(definition.features.windows);
  const seen = new Map<string, number>();
  definition.features.rules.forEach((rule, index) => {
    const at = (...rest: (string | number)[]) => ['features', 'rules', index, ...rest];
    const ids = rule.tags === '*' ? tags : rule.tags;
    if (rule.tags !== '*')
      ids.forEach((id, place) => {
        exists(id, tags, at('tags', place), 'tag', report);
      });
    rule.windows.forEach((window, place) => {
      exists(window, windows, at('windows', place), 'window', report);
    });
    if (rule.tags !== '*') unique(ids, (place) => at('tags', place), 'tag', report);
    unique(rule.windows, (place) => at('windows', place), 'window', report);
    unique(rule.statistics, (place) => at('statistics', place), 'statistic', report);
    const repeated = new Map<number, string[]>();
    for (const id of new Set(ids))
      for (const window of new Set(rule.windows))
        for (const statistic of new Set(rule.statistics)) {
          const name = statisticName(id, statistic, window);
          const first = seen.get(name);
          if (first === undefined) seen.set(name, index);
          else repeated.set(first, [...(repeated.get(first) ?? []), name]);
        }
    for (const [first, [name = '', ...more]] of repeated) {
      const others = more.length === 0 ? '' : ` and ${more.length} more`;
      report(at(), `repeats ${name}${others} of features.rules[${first}]`);
    }
  });
}

function checkBaseline({ time, features }: ProcessDefinition, report: Report): void {
  const { baseline, rules, sequence } = features;
  if (baseline) {
    if (baseline.halfLife < 10 * time.period)
      report(
        ['features', 'baseline', 'halfLife'],
        `must be at least ten periods (${duration(10 * time.period)})`,
      );
    return;
  }
  const remedy = 'needs features.baseline, as in `baseline: { halfLife: 10m }`';
  rules.forEach(({ statistics }, index) => {
    statistics.forEach((statistic, place) => {
      if (baselineStatistics.includes(statistic))
        report(['features', 'rules', index, 'statistics', place], `${statistic} ${remedy}`);
    });
  });
  if (sequence?.relativeTo === 'baseline')
    report(['features', 'sequence', 'relativeTo'], `a sequence relative to the baseline ${remedy}`);
}

function checkInteractions(definition: ProcessDefinition, report: Report): void {
  const tags = definition.tags.map((tag) => tag.id);
  const windows = Object.keys(definition.features.windows);
  const known = new Set(
    listFeatures(definition).flatMap((each) => (each.kind === 'statistic' ? [each.name] : [])),
  );
  definition.features.interactions.forEach(({ id, operation, of, window }, index) => {
    const at = (...rest: (string | number)[]) => ['features', 'interactions', index, ...rest];
    if (operation === 'correlation') {
      of.forEach((tag, place) => {
        exists(tag, tags, at('of', place), 'tag', report);
      });
      if (window === undefined) report(at(), `${id}: a correlation needs a window`);
      else exists(window, windows, at('window'), 'window', report);
    } else {
      of.forEach((name, place) => {
        exists(name, known, at('of', place), 'feature', report, ' (above this one)');
      });
      if (window !== undefined) report(at('window'), `${id}: only a correlation may have a window`);
    }
    if (known.has(id)) report(at('id'), `feature ${id} is listed twice`);
    known.add(id);
  });
}

function checkSequence({ tags, features }: ProcessDefinition, report: Report): void {
  const { sequence } = features;
  if (!sequence || sequence.tags === '*') return;
  const ids = tags.map((tag) => tag.id);
  sequence.tags.forEach((id, index) => {
    exists(id, ids, ['features', 'sequence', 'tags', index], 'tag', report);
  });
  unique(sequence.tags, (index) => ['features', 'sequence', 'tags', index], 'tag', report);
}

function checkAlerts(definition: ProcessDefinition, report: Report): void {
  const { alerts } = definition;
  const known = [
    'probability',
    ...driftFigures.map((figure) => `drift.${figure}`),
    ...qualityFigures.map((figure) => `quality.${figure}`),
    ...featureNames(definition),
  ];
  unique(
    alerts.map((rule) => rule.id),
    (index) => ['alerts', index, 'id'],
    'alert rule',
    report,
  );
  alerts.forEach((rule, index) => {
    exists(rule.on, known, ['alerts', index, 'on'], 'feature', report);
    if (rule.limit === 'threshold' && rule.on !== 'probability')
      report(
        ['alerts', index, 'limit'],
        `${rule.id}: threshold is a limit for probability only; give a number`,
      );
    if (rule.on === 'probability' && typeof rule.limit === 'number' && (rule.limit <= 0 || rule.limit >= 1))
      report(['alerts', index, 'limit'], `${rule.id}: the limit of a probability must be between 0 and 1`);
  });
}

function checkTarget({ target, features, piece, time, csv }: ProcessDefinition, report: Report): void {
  const { about, classes, labels, warnOf } = target;
  if (classes !== undefined) {
    unique(classes, (index) => ['target', 'classes', index], 'class', report);
    if (warnOf === undefined)
      report(['target', 'classes'], 'a target with classes needs warnOf, the classes to warn of');
    (warnOf ?? []).forEach((name, index) => {
      exists(name, classes, ['target', 'warnOf', index], 'class', report);
    });
    if (warnOf !== undefined && classes.every((name) => warnOf.includes(name)))
      report(['target', 'warnOf'], 'names every class, so there would always be a warning');
  } else if (warnOf !== undefined)
    report(['target', 'warnOf'], 'names classes, but target.classes is missing');
  for (const [value, meant] of Object.entries(labels ?? {})) {
    const path = ['target', 'labels', value];
    if (classes === undefined && typeof meant === 'string')
      report(path, `${meant} is a class, but target.classes is missing: give 0, 1 or null`);
    if (classes !== undefined && typeof meant === 'number')
      report(path, `the target has classes: give one of ${classes.join(', ')}, or null`);
    if (classes !== undefined && typeof meant === 'string') exists(meant, classes, path, 'class', report);
  }
  if (csv !== undefined && csv.time === undefined && about !== 'row')
    report(
      ['csv'],
      `has no time, but the target is about ${about}: name the time column, or set target.about to row`,
    );
  if (about !== 'row') return;
  const why = 'target.about is row, so rows are in no order';
  if (features.sequence !== undefined) report(['features', 'sequence'], `${why}: remove the sequence`);
  if (piece !== undefined) report(['piece'], `${why}: remove the pieces`);
  for (const [name, span] of Object.entries(features.windows))
    if (span !== time.period)
      report(['features', 'windows', name], `${why}: a window must be one period long`);
  if (features.hop !== time.period) report(['features', 'hop'], `${why}: the hop must be one period`);
}

function checkWatch({ features, drift, quality, piece }: ProcessDefinition, report: Report): void {
  for (const [name, { window, hop }] of Object.entries({ drift, quality })) {
    if (hop < features.hop || hop <= 0)
      report(
        [name, 'hop'],
        `${duration(hop)} must not be shorter than the hop of the features (${duration(features.hop)})`,
      );
    else if (window < hop || window % hop !== 0)
      report([name, 'window'], `${duration(window)} must be a multiple of its hop (${duration(hop)})`);
    else if (window / hop > mostSlices)
      report([name, 'hop'], `the window has ${window / hop} hops; it may have ${mostSlices} at most`);
  }
  if (quality.by === 'piece' && piece === undefined)
    report(['quality', 'by'], 'the definition has no pieces, so a label can only judge a span of time');
}

/** Each hop of a window has counts per asset, which are kept in memory and written with each batch. */
const mostSlices = 48;

function checkCsv({ csv, tags, target }: ProcessDefinition, report: Report): void {
  if (!csv) return;
  const columns = tags.map((tag) => tag.column ?? tag.id);
  unique(columns, (index) => ['tags', index, 'column'], 'column', report);
  const labels = csv.label === undefined ? [] : [csv.label].flat();
  const times = csv.time === undefined ? [] : [csv.time.column].flat();
  const others = [...times, ...labels, ...csv.ignore];
  others.forEach((column) => {
    if (columns.includes(column))
      report(['csv'], `column ${column} belongs to a tag and cannot have another use`);
  });
  if (Array.isArray(csv.label)) {
    if (target.classes === undefined)
      report(['csv', 'label'], 'names a column for each class, but target.classes is missing');
    else
      csv.label.forEach((name, index) => {
        exists(name, target.classes ?? [], ['csv', 'label', index], 'class', report);
      });
  }
  checkCsvForms(csv, report);
  if (csv.header !== undefined) unique(csv.header, (index) => ['csv', 'header', index], 'column', report);
}
