/**
 * The truth about simulated labels: how likely each was, and so how well the best possible model could predict them.
 *
 * The best attainable ROC-AUC and PR-AUC are those of the true probability p on the labels drawn from it.
 * They are computed from counts in narrow bins of the log-odds of p, so that an endless run needs no more memory.
 */

/** One judged span of production, with the causes of its label. */
export interface ProductionSpan {
  readonly asset: string;
  /** ms since the epoch, start inclusive, end exclusive. */
  readonly from: number;
  readonly until: number;
  /** True probability of a defect. */
  readonly probability: number;
  /** 1 or 0, drawn with this probability. */
  readonly label: 0 | 1;
  /** Expected number of defects by each mechanism, in the definition's order, the background last. */
  readonly shares: readonly number[];
}

export interface Truth {
  readonly spans: number;
  readonly defects: number;
  /** Shares of spans with a defect: drawn and expected. */
  readonly defectRate: number;
  readonly expectedDefectRate: number;
  /** The best attainable values, those of the true probability. NaN until there are labels of both kinds. */
  readonly rocAuc: number;
  readonly prAuc: number;
  /** Share of the expected defects that each mechanism (and `background`) causes. */
  readonly mechanisms: Readonly<Record<string, number>>;
}

const bins = 4096;
/** Log-odds of the outermost bins. */
const widest = 20;

export class TruthCounter {
  readonly #hits = new Float64Array(bins);
  readonly #misses = new Float64Array(bins);
  readonly #names: readonly string[];
  readonly #shares: Float64Array;
  #expected = 0;

  /** @param names the mechanisms' names, in the order of a span's shares */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#shares = new Float64Array(names.length);
  }

  add(span: ProductionSpan): void {
    const odds = Math.log(span.probability / (1 - span.probability));
    const bin = Math.floor(((odds + widest) / (2 * widest)) * bins);
    const counts = span.label === 1 ? this.#hits : this.#misses;
    const place = Math.max(0, Math.min(bins - 1, bin));
    counts[place] = (counts[place] ?? 0) + 1;
    this.#expected += span.probability;
    for (let i = 0; i < span.shares.length; i++)
      this.#shares[i] = (this.#shares[i] ?? 0) + (span.shares[i] ?? 0);
  }

  summary(): Truth {
    const defects = this.#hits.reduce((sum, count) => sum + count, 0);
    const spans = defects + this.#misses.reduce((sum, count) => sum + count, 0);
    const shares = this.#shares.reduce((sum, share) => sum + share, 0);
    return {
      spans,
      defects,
      defectRate: defects / spans,
      expectedDefectRate: this.#expected / spans,
      ...areas(this.#hits, this.#misses, defects, spans - defects),
      mechanisms: Object.fromEntries(this.#names.map((name, i) => [name, (this.#shares[i] ?? 0) / shares])),
    };
  }
}

/** Equal scores count half (ROC) and enter together (average precision). */
function areas(hits: Float64Array, misses: Float64Array, positives: number, negatives: number) {
  let above = 0;
  let falseAlarms = 0;
  let ordered = 0;
  let precision = 0;
  for (let bin = bins - 1; bin >= 0; bin--) {
    const hit = hits[bin] ?? 0;
    const miss = misses[bin] ?? 0;
    ordered += miss * (above + hit / 2);
    above += hit;
    falseAlarms += miss;
    if (hit > 0) precision += (hit * above) / (above + falseAlarms);
  }
  return { rocAuc: ordered / (positives * negatives), prAuc: precision / positives };
}
