/** Many measured values and their percentiles. */
export class Distribution {
  #values = new Float64Array(1024);
  #count = 0;
  #sorted = true;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
    this.#sorted = false;
  }

  /** Nearest rank; NaN when there are none. @param share 0 to 1 */
  percentile(share: number): number {
    if (!this.#sorted) this.#values.subarray(0, this.#count).sort();
    this.#sorted = true;
    const rank = Math.max(0, Math.ceil(share * this.#count) - 1);
    return this.#count === 0 ? NaN : (this.#values[rank] ?? NaN);
  }
}
