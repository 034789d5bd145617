//! A list that forgets its oldest entries, so that a page may stay open for months.

export class Bounded<T> {
  #items: T[] = [];
  /** How many entries were ever added. */
  added = 0;

  constructor(readonly limit: number) {}

  push(item: T): void {
    this.added += 1;
    this.#items.push(item);
    // Twice the limit before anything moves: one copy for `limit` entries.
    if (this.#items.length >= 2 * this.limit) this.#items.splice(0, this.#items.length - this.limit);
  }

  /** The newest entries, oldest first. */
  get items(): readonly T[] {
    return this.#items.length > this.limit ? this.#items.slice(-this.limit) : this.#items;
  }
}
