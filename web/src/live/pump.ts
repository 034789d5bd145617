//! Takes messages as fast as they come, folds them once a frame, and tells the page at most ten times a second.

/** How often the page is told of changes. */
const PUBLISH_MS = 100;
/** A page in the background has no animation frames, and must not collect messages for ever. */
const HIDDEN_MS = 250;

export class Pump<T> {
  #waiting: T[] = [];
  #scheduled = false;
  #publishing = false;

  constructor(
    private readonly fold: (items: readonly T[]) => void,
    private readonly publish: () => void,
  ) {}

  push(item: T): void {
    this.#waiting.push(item);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const timer = setTimeout(() => this.#drain(), HIDDEN_MS);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      this.#drain();
    });
  }

  #drain(): void {
    this.#scheduled = false;
    const items = this.#waiting;
    if (items.length === 0) return;
    this.#waiting = [];
    this.fold(items);
    if (this.#publishing) return;
    this.#publishing = true;
    setTimeout(() => {
      this.#publishing = false;
      this.publish();
    }, PUBLISH_MS);
  }
}
