import type { Command } from 'commander';
import {
  discardDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  type DecisionOptions,
  type ListedLetter,
  type RefusedLetter,
} from '../../stream/index.ts';
import type { Kafka } from '../../roles/connections.ts';
import { application } from '../../roles/shared-names.ts';
import { addDecision, decided, type DecisionFlags } from '../decision.ts';
import { withKafka } from '../with-kafka.ts';

interface Filter {
  readonly reason?: string;
  readonly step?: string;
  readonly id?: string;
  readonly json: boolean;
}

const selects =
  ({ reason, step, id }: Filter) =>
  (letter: ListedLetter): boolean =>
    (reason === undefined || letter.reason === reason) &&
    (step === undefined || letter.step === step) &&
    (id === undefined || letter.id === id);

export function addDeadLetters(program: Command): void {
  const group = program
    .command('dead-letters')
    .summary('list, replay and discard records that could not be processed')
    .description(
      'Lists, replays and discards dead letters: records that a step or the sink could not process, kept with the reason. ' +
        'Correct the cause, then replay them. If a record fails again, its dead letter keeps its id.',
    );
  const sub = (name: string, summary: string, description: string): Command =>
    group
      .command(name)
      .summary(summary)
      .description(description)
      .option('--reason <reason>', 'only dead letters with this reason')
      .option('--step <step>', 'only dead letters of this step or sink')
      .option('--id <id>', 'only the dead letter with this id, as `list --json` prints it');
  sub(
    'list',
    'print one line per open dead letter',
    'Prints one line per open dead letter: topic/partition@offset, step, reason, detail. A dead letter is open until it is replayed or discarded, and again when its record fails again.',
  )
    .option('--all', 'also those that were replayed or discarded, with the decision', false)
    .option('--json', 'print one JSON object per line', false)
    .action((filter: Filter & { readonly all: boolean }) =>
      withKafka('dead-letters', (kafka) => list(kafka, filter)),
    );
  const replayCommand = sub(
    'replay',
    'send dead letters back to the topics they came from',
    'Sends the original bytes of each open dead letter back to its topic, once. If the record fails again, the dead letter is open again. ' +
      'Repeats are harmless: validation drops duplicates.',
  );
  addDecision(replayCommand, { isRequired: false })
    .option('--again', 'also those that were replayed or discarded and have not failed again', false)
    .option('--json', 'print the result as JSON', false)
    .action((flags: Filter & Partial<DecisionFlags> & { readonly again: boolean }) =>
      withKafka('dead-letters', (kafka) => replay(kafka, flags)),
    );
  addDecision(
    sub(
      'discard',
      'close dead letters that need no further action',
      'Removes open dead letters from the list, with the reason. Their records stay on the topic until Kafka deletes them; `list --all` shows them.',
    ),
    { isRequired: true },
  )
    .option('--json', 'print the result as JSON', false)
    .action((flags: Filter & DecisionFlags) => withKafka('dead-letters', (kafka) => discard(kafka, flags)));
}

const options = (
  { transport, topics, prefix }: Kafka,
  filter: Filter,
): DecisionOptions & { readonly select: (letter: ListedLetter) => boolean } => ({
  transport,
  deadLetterTopic: topics.deadLetters,
  group: `${application(prefix)}-dead-letters`,
  select: selects(filter),
});

async function list(kafka: Kafka, filter: Filter & { readonly all: boolean }): Promise<void> {
  const { transport, deadLetterTopic, group, select } = options(kafka, filter);
  const { letters, begins } = await listDeadLetters(transport, deadLetterTopic, group);
  for (const [partition, offset] of begins)
    console.error(
      `${deadLetterTopic}/${partition} begins at offset ${offset}: older letters are deleted, and not in this list`,
    );
  const selected = letters.filter((letter) => (filter.all || letter.state === 'open') && select(letter));
  for (const letter of selected) console.log(filter.json ? asJson(letter) : asLine(letter));
  if (selected.length === 0 && !filter.json) console.log(describeNone(filter));
}

function asJson({ source, offset, decision, place, ...letter }: ListedLetter): string {
  const made = decision && { kind: decision.kind, by: decision.by, why: decision.why, at: decision.at };
  return JSON.stringify({ ...source, offset, ...letter, letter: place, decision: made });
}

function asLine({
  source,
  offset,
  step,
  reason,
  detail,
  replays,
  isCut,
  state,
  decision,
}: ListedLetter): string {
  const notes = [
    ...(replays === 0 ? [] : [`came back ${replays === 1 ? 'once' : `${replays} times`}`]),
    ...(isCut ? ['cut: the original lies where the line says'] : []),
    ...(state === 'open'
      ? []
      : [`${state} by ${decision?.by || 'an operator'}: ${decision?.why || 'no reason'}`]),
  ];
  const note = notes.length === 0 ? '' : `  (${notes.join('; ')})`;
  return `${source.topic}/${source.partition}@${offset}  ${step}  ${reason}  ${detail}${note}`;
}

function describeNone({ reason, step, id }: Filter): string {
  const chosen = [
    ...(reason === undefined ? [] : [`reason ${reason}`]),
    ...(step === undefined ? [] : [`step ${step}`]),
    ...(id === undefined ? [] : [`id ${id}`]),
  ];
  return chosen.length === 0
    ? 'there are no dead letters'
    : `there are no dead letters with ${chosen.join(' and ')}`;
}

async function replay(
  kafka: Kafka,
  flags: Filter & Partial<DecisionFlags> & { readonly again: boolean },
): Promise<void> {
  const { by = '', why = '', again } = flags;
  const report = await replayDeadLetters({ ...options(kafka, flags), by, why, again });
  const { replayed, skipped, byReason, refused } = report;
  if (flags.json) {
    const reasons = Object.fromEntries(byReason);
    console.log(JSON.stringify({ replayed, skipped, reasons, refused: refused.map(asRefused) }));
    return;
  }
  console.log(`${replayed} dead letters replayed, ${skipped} skipped`);
  for (const { letter, why: cause } of refused)
    console.error(
      `${letter.source.topic}/${letter.source.partition}@${letter.offset} was not replayed: ${cause}`,
    );
}

const asRefused = ({ letter, why }: RefusedLetter): { readonly id: string; readonly why: string } => ({
  id: letter.id,
  why,
});

async function discard(kafka: Kafka, flags: Filter & DecisionFlags): Promise<void> {
  const { discarded } = await discardDeadLetters({ ...options(kafka, flags), ...decided(flags) });
  if (flags.json) console.log(JSON.stringify({ discarded }));
  else console.log(`${discarded} dead letters discarded`);
}
