/**
 * Proposes a process definition from the rows of a CSV file: the form of the file, its time column, a tag for each column
 * of numbers. A person has to check it: limits are taken from what the rows show.
 */
import { CastwatchError } from '../../base/errors.ts';
import { fileShapeOf, type ColumnShape } from './file-shape.ts';

export interface DraftOptions {
  /** The name of the file, for messages and for the comment at the top. */
  readonly file: string;
  /** The identifier of the process. */
  readonly process: string;
  /** Value of the comment by which editors find the JSON Schema; absent where it is not known. */
  readonly schema?: string;
}

/**
 * @returns the text of a definition
 * @throws CastwatchError INPUT when the file has no rows, no column of times or no column of numbers
 */
export function draftDefinition(text: string, options: DraftOptions): string {
  const shape = fileShapeOf(text);
  const { file, process, schema } = options;
  const { rows, columns } = shape;
  if (rows < 2) throw cannot(file, `it has ${rows} rows, and a draft needs at least two`);
  const names = columns.map(({ name }) => name).join(', ');
  const time = columns.find((column) => column.time !== undefined);
  const { format, period, alternatives = [] } = time?.time ?? {};
  if (time === undefined || format === undefined || period === undefined)
    throw cannot(file, `none of its columns has times that ascend in a known form: ${names}`);
  const label = columns.find(isLabel);
  const tags = columns.filter(
    (column) => column !== time && column !== label && column.numbers !== undefined,
  );
  if (tags.length === 0) throw cannot(file, `none of its columns has numbers: ${names}`);
  const others = columns.filter((column) => ![time, label, ...tags].includes(column));
  const target = label === undefined ? 'defect' : identifierOf(label.name);
  const ids = uniqueIds(tags);
  return `${[
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `# Proposed by \`castwatch draft\` from ${rows} rows of ${comment(file)}. Check every line marked with "check".`,
    `process: ${process}`,
    `title: ${quoted(process)}`,
    '# check: the path of the assets, enterprise/site/area/line; each file becomes a cell below it',
    'hierarchy: { enterprise: Enterprise, site: Site, area: Area, line: Line }',
    'cells: any',
    'time:',
    `  period: ${span(period)} # the usual time between two rows`,
    `  grace: ${span(5 * period)}`,
    `  ahead: ${span(Math.max(10_000, 2 * period))}`,
    'tags:',
    ...tags.flatMap((column, index) => tagLines(column, ids[index] ?? '')),
    'features:',
    `  hop: ${span(period)}`,
    `  windows: { short: ${span(15 * period)}, long: ${span(60 * period)} }`,
    '  rules:',
    "    - { tags: '*', windows: [short, long], statistics: [mean, spread, slope] }",
    label === undefined
      ? '# check: no column looks like a label of 0 and 1; training needs labels, in a column (csv.label) or from quality-labels.v1'
      : `# check: the column ${comment(label.name)} has only 0 and 1, so it is taken for the label`,
    'target:',
    `  id: ${target}`,
    `  title: ${quoted(label?.name ?? 'a defect')}`,
    '  about: time',
    '  cost: { miss: 10, falseAlarm: 1 } # check: what a miss costs compared with a false alarm',
    'csv:',
    `  delimiter: ${quoted(shape.delimiter)}`,
    ...(shape.decimal === ',' ? ["  decimal: ','"] : []),
    '  time:',
    `    column: ${quoted(time.name)}`,
    `    format: ${quoted(format)}${alternatives.length === 0 ? '' : ` # check: ${alternatives.join(', ')} would fit too`}`,
    ...(isLocal(format) ? ['    zone: UTC # check: the time zone of the plant, such as Europe/Berlin'] : []),
    "  cell: '{file}'",
    ...(label === undefined ? [] : [`  label: ${quoted(label.name)}`]),
    ...(others.length === 0 ? [] : [`  ignore: [${others.map(({ name }) => quoted(name)).join(', ')}]`]),
  ].join('\n')}\n`;
}

const cannot = (file: string, why: string): CastwatchError =>
  new CastwatchError('INPUT', `${file}: no definition can be proposed: ${why}`, {
    remedy:
      'Copy processes/pump-rig.yaml and write the definition yourself; processes/README.md explains each part.',
  });

const isLabel = ({ numbers, name }: ColumnShape): boolean =>
  numbers !== undefined &&
  numbers.isBinary &&
  /label|target|anomal|defect|fault|fehler|ausschuss|class|bad|scrap/i.test(name);

function tagLines({ name, numbers }: ColumnShape, id: string): readonly string[] {
  const { low, high, usualLow, usualHigh } = numbers ?? { low: 0, high: 1, usualLow: 0, usualHigh: 1 };
  const spread = high - low || Math.max(1, Math.abs(high));
  const isFlat = usualHigh <= usualLow;
  return [
    `  - id: ${id}`,
    `    title: ${quoted(name)}`,
    "    unit: '' # check",
    `    range: [${short(low - spread)}, ${short(high + spread)}] # check: possible values; seen: ${short(low)} to ${short(high)}`,
    `    normal: [${short(isFlat ? usualLow - spread / 2 : usualLow)}, ${short(isFlat ? usualHigh + spread / 2 : usualHigh)}] # check: usual values; here the middle 90 % of the rows`,
    ...(id === name ? [] : [`    column: ${quoted(name)}`]),
  ];
}

/** A name with letters, digits and _ only, as identifiers must be. */
const identifierOf = (name: string): string => {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return /^[A-Za-z]/.test(plain) ? plain.slice(0, 60) : `T${plain}`.slice(0, 60);
};

function uniqueIds(tags: readonly ColumnShape[]): readonly string[] {
  const used = new Set<string>();
  return tags.map(({ name }) => {
    const stem = identifierOf(name);
    let id = stem;
    for (let count = 2; used.has(id); count += 1) id = `${stem}_${count}`;
    used.add(id);
    return id;
  });
}

const isLocal = (format: string): boolean => !['iso', 'epoch-s', 'epoch-ms'].includes(format);
const quoted = (text: string): string => JSON.stringify(text);
const comment = (text: string): string => text.replaceAll(/\s+/g, ' ');
const short = (value: number): string => String(Number(value.toPrecision(4)));
const span = (ms: number): string => (ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`);
