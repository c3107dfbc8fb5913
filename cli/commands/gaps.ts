/** `gaps`: shows which records no longer existed when a step was to process them, and lets a step go on without them. */
import type { Command } from 'commander';
import { acceptGaps, describeGap, listGaps, type StepGap } from '../../stream/index.ts';
import { stepNames, type StepName } from '../../processors/topology.ts';
import { topicsOf } from '../../processors/wiring.ts';
import type { Kafka } from '../../roles/connections.ts';
import { application } from '../../roles/shared-names.ts';
import { addDecision, decided, type DecisionFlags } from '../decision.ts';
import { parseSteps } from '../options.ts';
import { withKafka } from '../with-kafka.ts';

interface Flags {
  readonly step: readonly StepName[];
  readonly json: boolean;
}

export function addGaps(program: Command): void {
  const group = program
    .command('gaps')
    .summary('show records that were deleted before a step processed them, and let the step continue')
    .description(
      'A gap is a range of records that a step needs and that no longer exist, or a lost state. It happens when Kafka deletes old ' +
        'records too early, or when a topic or changelog was deleted and created again. A step with state stops at a gap until an ' +
        'operator accepts it. The latest gaps are kept, with who accepted them and why.',
    );
  const sub = (name: string, summary: string, description: string): Command =>
    group
      .command(name)
      .summary(summary)
      .description(description)
      .option('--step <steps>', 'only these steps, separated by commas', parseSteps, stepNames)
      .option('--json', 'print one JSON object per line', false);
  sub(
    'list',
    'print the gaps of each step',
    'Prints one line per gap: whether it is open, the step, the range of offsets, and what happened to it.',
  ).action((flags: Flags) => withKafka('gaps', (kafka) => list(kafka, flags)));
  addDecision(
    sub(
      'accept',
      'let steps continue after their open gaps',
      'Moves the positions of steps to the end of their open gaps. A running step continues within seconds; a stopped one when it starts.',
    ),
    { isRequired: true },
  ).action((flags: Flags & DecisionFlags) => withKafka('gaps', (kafka) => accept(kafka, flags)));
}

const about = ({ transport, prefix, topics }: Kafka, { step: steps }: Flags) => ({
  transport,
  application: application(prefix),
  steps: steps.map((step) => topicsOf(step, topics)),
});

async function list(kafka: Kafka, flags: Flags): Promise<void> {
  const gaps = await listGaps(about(kafka, flags));
  for (const gap of gaps) console.log(flags.json ? JSON.stringify(gap) : inWords(gap));
  if (gaps.length === 0 && !flags.json) console.log('there are no gaps');
}

async function accept(kafka: Kafka, flags: Flags & DecisionFlags): Promise<void> {
  const accepted = await acceptGaps({ ...about(kafka, flags), ...decided(flags) });
  for (const gap of accepted) console.log(flags.json ? JSON.stringify(gap) : inWords(gap));
  if (accepted.length === 0 && !flags.json) console.log('there are no open gaps');
}

function inWords({ step, source, gap, state }: StepGap): string {
  const when = new Date(gap.at).toISOString();
  const who = gap.by === undefined ? '' : `; accepted by ${gap.by}: ${gap.why ?? ''}`;
  return `${state.padEnd(8)}  ${when}  ${describeGap(step, source, gap)}${who}`;
}
