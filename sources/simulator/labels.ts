/** Simulates what Quality Management finds: one label per span, drawn from the mechanisms, given after the piece's inspection. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Simulation } from '../../processes/simulation-schema.ts';
import type { QualityLabel } from '../../schemas/generated/types.ts';
import { compileIntensity } from './mechanisms.ts';
import type { Cell } from './cell-state.ts';
import type { ProductionSpan } from './truth.ts';

export interface Judge {
  /** Adds the scan at `cell.clock.now` to its span. */
  observe(piece: Readonly<Record<string, string>>): void;
  /** Call when the innermost piece has ended. Its labels are given after the delay. */
  pieceEnded(): void;
  /** Returns the labels that are known now, oldest first. */
  known(): readonly QualityLabel[];
  /** Returns the labels that are not known yet, with their later dates; for the end of a simulation. */
  rest(): readonly QualityLabel[];
}

/** A label without the day when it becomes known. */
type Finding = Omit<QualityLabel, 'foundAt'>;

const none: readonly QualityLabel[] = [];

export function createJudge(
  cell: Cell,
  asset: string,
  definition: ProcessDefinition,
  { labels: rules, pieces }: Simulation,
  onSpan: (span: ProductionSpan) => void,
): Judge {
  const mechanisms = Object.values(rules.mechanisms);
  const intensities = mechanisms.map((rule) => compileIntensity(cell, rule));
  const causes = [...mechanisms.map((rule) => rule.defect), rules.background.defect];
  const random = cell.random('cell', 'labels');
  const innermost = pieces.at(-1)?.level;
  const { hop } = definition.features;
  const period = cell.step * 1000;
  const background = (rules.background.perHour / 3600) * cell.step;

  let sums = new Array<number>(causes.length).fill(0);
  /** When a simulation begins inside a span, this span gets no label. */
  let whole = false;
  let spanPiece: Readonly<Record<string, string>> = {};
  let waiting: Finding[] = [];
  let told: QualityLabel[] = [];

  function judge(until: number): Finding {
    const total = sums.reduce((sum, share) => sum + share, 0);
    const probability = 1 - Math.exp(-total);
    const label = random.chance(probability) ? 1 : 0;
    // Drawn in any case, so that this label does not change later random numbers.
    let part = random.uniform() * total;
    const cause = sums.findIndex((share) => (part -= share) < 0);
    onSpan({ asset, from: until - hop, until, probability, label, shares: sums });
    return {
      asset,
      eventTime: until - hop,
      until,
      target: definition.target.id,
      value: label,
      defect: label === 1 ? (causes[cause] ?? rules.background.defect) : null,
      piece: spanPiece,
      source: 'inspection',
    };
  }

  const tell = (findings: readonly Finding[]): void => {
    const foundAt = Math.max(
      told.at(-1)?.foundAt ?? 0,
      cell.clock.now + Math.round(random.between(rules.delay)),
    );
    for (const finding of findings) told.push({ ...finding, foundAt });
  };

  return {
    observe(piece) {
      const { now } = cell.clock;
      if (now % hop === 0) {
        whole = true;
        spanPiece = piece;
      }
      for (let i = 0; i < intensities.length; i++)
        sums[i] = (sums[i] ?? 0) + (intensities[i]?.() ?? 0) * cell.step;
      sums[causes.length - 1] = (sums[causes.length - 1] ?? 0) + background;
      if ((now + period) % hop !== 0) return;
      const finding = whole ? judge(now + period) : undefined;
      sums = new Array<number>(causes.length).fill(0);
      if (finding === undefined) return;
      // A span in which the piece ended belongs to that piece, whose other labels have been scheduled already. The delay of
      // this span counts from its own end, because a span is judged only when it is complete.
      if (innermost === undefined || finding.piece[innermost] !== piece[innermost]) tell([finding]);
      else waiting.push(finding);
    },
    pieceEnded() {
      tell(waiting);
      waiting = [];
    },
    known() {
      if (told[0] === undefined || told[0].foundAt > cell.clock.now) return none;
      const later = told.findIndex((label) => label.foundAt > cell.clock.now);
      const known = later === -1 ? told : told.slice(0, later);
      told = later === -1 ? [] : told.slice(later);
      return known;
    },
    rest() {
      tell(waiting);
      waiting = [];
      const rest = told;
      told = [];
      return rest;
    },
  };
}
