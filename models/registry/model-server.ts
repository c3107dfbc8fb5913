/**
 * Serves the bundles that the model registry names. A new bundle is loaded, checked and warmed up while the old one
 * answers, and takes over between two batches. Then the old one finishes its batches and releases its memory. A
 * bundle that cannot be served is refused, and the old one continues to answer.
 */
import { Backoff } from '../../base/retry.ts';
import { messageOf } from '../../base/text.ts';
import type { ModelEntry } from '../../schemas/generated/types.ts';
import type { Models, Placed } from '../../processors/predict/predictor.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { RowShape } from '../bundle/row-shape.ts';
import { keepOneReady } from '../serving/inference-threads.ts';
import { createPredictor, type OpenPredictor, type PredictorOptions } from '../serving/bundle-predictor.ts';
import { earlierChampions, holder, roles, type Entries, type Role } from './entries.ts';

export interface ServerOptions {
  /** The rows to predict. */
  readonly rows: RowShape;
  /** Folder of all bundles. */
  readonly root: string;
  readonly predictor?: PredictorOptions;
  readonly onEvent?: (event: ServerEvent) => void;
  /** The present time, ms; default: this machine's clock. */
  readonly now?: () => number;
}

export interface ServerEvent {
  readonly kind: 'SERVING' | 'REFUSED';
  readonly entry: ModelEntry;
  /** Why it was refused. */
  readonly reason?: string;
  readonly remedy?: string | undefined;
  readonly loadMs: number;
}

interface Served {
  readonly entry: ModelEntry;
  readonly predictor: OpenPredictor;
}

interface Refusal {
  readonly sequence: number;
  readonly reason: string;
  /** When to try again, ms. Its files may arrive later. */
  readonly retryAt: number;
  readonly backoff: Backoff;
}

const pauses = { first: 2_000, longest: 300_000 };

export class ModelServer {
  readonly #options: ServerOptions;
  readonly #served = new Map<Role, Served>();
  readonly #refused = new Map<Role, Refusal>();
  readonly #releasing = new Set<Promise<void>>();
  #models: Models = { champion: undefined, beside: [] };
  #named = false;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** The models to use for one batch. */
  current(): Models {
    return this.#models;
  }

  /** Whether it can take rows: a champion is loaded, or the registry names none. */
  get ready(): boolean {
    return this.#models.champion !== undefined || !this.#named;
  }

  /** One sentence for each problem. */
  problems(): readonly string[] {
    return [...this.#refused].map(([role, { reason }]) => {
      const instead = this.#served.get(role)?.entry.bundle;
      return `the ${role.toLowerCase()} is refused: ${reason}; ${instead === undefined ? 'nothing' : instead} answers instead`;
    });
  }

  /** Resolves when all bundles that can be served are served. Make one call at a time. */
  async follow(entries: Entries): Promise<void> {
    this.#named = holder(entries, 'CHAMPION') !== undefined;
    for (const role of roles) await this.#fill(role, holder(entries, role), entries);
    // A thread that is being released will be the waiting one.
    if (this.#served.size > 0 && this.#releasing.size === 0) keepOneReady();
  }

  async close(): Promise<void> {
    for (const { predictor } of this.#served.values()) this.#release(predictor);
    this.#served.clear();
    await Promise.all(this.#releasing);
  }

  async #fill(role: Role, wanted: ModelEntry | undefined, entries: Entries): Promise<void> {
    const served = this.#served.get(role);
    if (wanted === undefined) {
      this.#refused.delete(role);
      if (served !== undefined) this.#replace(role, undefined);
      return;
    }
    const isLost = served?.predictor.isLost() ?? false;
    if (!isLost && served !== undefined && isSame(served.entry, wanted)) {
      this.#refused.delete(role);
      if (served.entry.sequence !== wanted.sequence)
        this.#replace(role, { entry: wanted, predictor: served.predictor });
      return;
    }
    const refusal = this.#refused.get(role);
    const isKnown = refusal?.sequence === wanted.sequence;
    if (!isKnown || this.#now() >= refusal.retryAt) {
      if (await this.#open(role, wanted)) return;
    }
    if (isLost && served !== undefined) await this.#open(role, served.entry);
    else if (served === undefined && role === 'CHAMPION' && !isKnown) await this.#fallBack(entries);
  }

  /** After a start, finds an earlier champion that can answer instead. */
  async #fallBack(entries: Entries): Promise<void> {
    for (const entry of earlierChampions(entries)) if (await this.#open('CHAMPION', entry, false)) return;
  }

  /** @param wanted true for the bundle that the registry names, false for one that replaces it */
  async #open(role: Role, entry: ModelEntry, wanted = true): Promise<boolean> {
    const { rows, root } = this.#options;
    const began = performance.now();
    try {
      // Only the champion's answers need reasons.
      const predictor = await createPredictor(
        { entry, root, rows },
        { explain: role === 'CHAMPION', ...this.#options.predictor },
      );
      if (wanted) this.#refused.delete(role);
      this.#replace(role, { entry, predictor });
      this.#tell({ kind: 'SERVING', entry, loadMs: performance.now() - began });
      return true;
    } catch (error) {
      if (!wanted) return false;
      this.#refuse(role, entry, error, performance.now() - began);
      return false;
    }
  }

  #refuse(role: Role, entry: ModelEntry, error: unknown, loadMs: number): void {
    const reason = messageOf(error);
    const remedy = error instanceof CastwatchError ? error.remedy : undefined;
    const before = this.#refused.get(role);
    const isKnown = before?.sequence === entry.sequence && before.reason === reason;
    const backoff = isKnown ? before.backoff : new Backoff(pauses);
    this.#refused.set(role, {
      sequence: entry.sequence,
      reason,
      backoff,
      retryAt: this.#now() + backoff.next(),
    });
    if (!isKnown) this.#tell({ kind: 'REFUSED', entry, reason, remedy, loadMs });
  }

  /** Swaps the models: batches that start from now on get the new ones. */
  #replace(role: Role, next: Served | undefined): void {
    const before = this.#served.get(role);
    if (next === undefined) this.#served.delete(role);
    else this.#served.set(role, next);
    const champion = this.#served.get('CHAMPION');
    this.#models = {
      champion: champion && placed(champion),
      beside: (['CHALLENGER', 'SHADOW'] as const).flatMap((each) => {
        const beside = this.#served.get(each);
        return beside === undefined ? [] : { role: each, ...placed(beside) };
      }),
    };
    if (before !== undefined && before.predictor !== next?.predictor) this.#release(before.predictor);
  }

  #release(predictor: OpenPredictor): void {
    const releasing = predictor.close().finally(() => this.#releasing.delete(releasing));
    this.#releasing.add(releasing);
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  #tell(event: ServerEvent): void {
    this.#options.onEvent?.(event);
  }
}

const isSame = (a: ModelEntry, b: ModelEntry): boolean => a.bundle === b.bundle && a.checksum === b.checksum;
const placed = ({ entry, predictor }: Served): Placed => ({ predictor, entry: entry.sequence });
