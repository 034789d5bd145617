//! The WebSocket: opened, watched, resumed where it broke off.

import { backoff } from "./backoff.ts";
import { parse, type Message } from "./message.ts";

export type Phase = "connecting" | "live" | "reconnecting" | "denied";

export interface Status {
  readonly phase: Phase;
  /** When what had been missed was replayed, if this connection began so. */
  readonly resumedAt: number | null;
}

export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Surroundings {
  open(since: string | null): Socket;
  /** Whether this browser may watch; asked when a connection cannot be made, whose reason a browser never learns. */
  mayWatch(): Promise<boolean>;
  now(): number;
  random(): number;
  onStatus(status: Status): void;
  onMessage(message: Message): void;
}

/** What the server pings with, until it says so. */
const PING_S = 30;
/** A connection without a word for so many ping intervals is none. */
const SILENCE = 2.5;
/** A timer that is set further ahead than 2³¹ ms goes off at once. */
const MOST_SILENCE_MS = 3_600_000;

export class Connection {
  #socket: Socket | null = null;
  #epoch: string | null = null;
  #seq = 0;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #silenceMs = SILENCE * PING_S * 1000;
  #status: Status = { phase: "connecting", resumedAt: null };
  /** When the server last said anything, on this browser's clock. */
  heardAt: number | null = null;
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  start(): void {
    this.stop();
    this.#set({ phase: this.heardAt === null ? "connecting" : "reconnecting" });
    this.#open();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #set(change: Partial<Status>): void {
    this.#status = { ...this.#status, ...change };
    this.#around.onStatus(this.#status);
  }

  #open(): void {
    const socket = this.#around.open(this.#epoch === null ? null : `${this.#epoch}:${this.#seq}`);
    this.#socket = socket;
    this.#watch();
    socket.onmessage = (event) => {
      if (this.#socket === socket && typeof event.data === "string") this.#heard(event.data);
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      const socket = this.#socket;
      this.#lost();
      socket?.close();
    }, this.#silenceMs);
  }

  #lost(): void {
    this.#socket = null;
    clearTimeout(this.#watchdog);
    this.#set({ phase: "reconnecting", resumedAt: null });
    const wait = backoff(this.#attempt, this.#around.random());
    this.#attempt += 1;
    this.#timer = setTimeout(() => void this.#again(), wait);
  }

  async #again(): Promise<void> {
    const allowed = await this.#around.mayWatch();
    if (this.#status.phase !== "reconnecting" || this.#socket !== null) return;
    if (allowed) this.#open();
    else this.#set({ phase: "denied" });
  }

  #heard(frame: string): void {
    this.#watch();
    const message = parse(frame);
    this.heardAt = this.#around.now();
    if (!message) return;
    const { body } = message;
    // One with a number was made by a station: it says nothing of this connection.
    if (body.type === "ping" && message.seq === null) {
      if (body.intervalSeconds !== null && body.intervalSeconds > 0) {
        this.#silenceMs = Math.min(SILENCE * body.intervalSeconds * 1000, MOST_SILENCE_MS);
        this.#watch();
      }
      const timestamp = new Date(this.#around.now()).toISOString();
      this.#socket?.send(JSON.stringify({ type: "pong", payload: { timestamp }, timestamp }));
      return;
    }
    if (body.type === "sync") {
      this.#attempt = 0;
      this.#set({ phase: "live", resumedAt: body.recovered ? this.heardAt : null });
      if (!body.recovered) this.#seq = body.seq;
    }
    if (message.epoch !== null) this.#epoch = message.epoch;
    if (message.seq !== null) {
      // What is replayed twice is told once.
      if (message.seq <= this.#seq) return;
      this.#seq = message.seq;
    }
    if (body.type === "gap") this.#seq = Math.max(this.#seq, body.toSeq);
    this.#around.onMessage(message);
  }
}
