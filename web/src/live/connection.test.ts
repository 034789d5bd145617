import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff } from "./backoff.ts";
import { Connection, type Socket, type Status } from "./connection.ts";
import type { Message } from "./message.ts";
import { wire } from "./scene.fixture.ts";

class FakeSocket implements Socket {
  onopen = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: string[] = [];
  isClosed = false;

  constructor(readonly since: string | null) {}

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  say(type: string, payload: object, extra: object = {}): void {
    this.onmessage?.({ data: wire(type, payload, extra) });
  }
}

function open(mayWatch = true) {
  const sockets: FakeSocket[] = [];
  const statuses: Status[] = [];
  const messages: Message[] = [];
  const connection = new Connection({
    open: (since) => {
      const socket = new FakeSocket(since);
      sockets.push(socket);
      return socket;
    },
    mayWatch: () => Promise.resolve(mayWatch),
    now: () => Date.now(),
    random: () => 1,
    onStatus: (status) => statuses.push(status),
    onMessage: (message) => messages.push(message),
  });
  connection.start();
  const last = () => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error("nothing was opened");
    return socket;
  };
  return { sockets, messages, last, phase: () => statuses.at(-1)?.phase, status: () => statuses.at(-1) };
}

const frame = (seq: number) => ["progress", { job_id: "j", progress: seq % 100 }, { seq, job_id: "j" }] as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a connection", () => {
  it("is live once the server says where the stream joins", () => {
    const { last, phase } = open();
    expect(phase()).toBe("connecting");
    last().say("sync", { recovered: false, seq: 0, jobs: [] });
    expect(phase()).toBe("live");
  });

  it("answers a ping at once", () => {
    const { last, messages } = open();
    last().say("ping", { interval_seconds: 1 });
    const pong = JSON.parse(last().sent[0] ?? "{}") as { type: string; payload: { timestamp: string } };
    expect(pong.type).toBe("pong");
    expect(Date.parse(pong.payload.timestamp)).toBe(Date.now());
    expect(messages).toEqual([]);
  });

  it("resumes after the last number that it got, and hears no number twice", async () => {
    const { sockets, last, messages, status } = open();
    last().say("sync", { recovered: false, seq: 6, jobs: [] });
    last().say(...frame(7));
    last().say(...frame(8));
    last().onclose?.({ code: 1006 });
    expect(status()?.phase).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    expect(last().since).toBe("k3v9:8");
    last().say("sync", { recovered: true, seq: 10, jobs: [] });
    for (const seq of [8, 9, 10, 11]) last().say(...frame(seq));
    expect(messages.map(({ seq }) => seq).filter((seq) => seq !== null)).toEqual([7, 8, 9, 10, 11]);
    expect(status()).toEqual({ phase: "live", resumedAt: Date.now() });
  });

  it("takes up a smaller number when the server cannot resume", async () => {
    const { last, messages } = open();
    last().say("sync", { recovered: false, seq: 900, jobs: [] });
    last().onclose?.({ code: 1001 });
    await vi.advanceTimersByTimeAsync(500);
    last().say("sync", { recovered: false, seq: 2, jobs: [], reason: "epoch" }, { epoch: "new" });
    last().say("progress", { job_id: "j", progress: 1 }, { seq: 3, job_id: "j", epoch: "new" });
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(500);
    expect(last().since).toBe("new:3");
    expect(messages.at(-1)?.seq).toBe(3);
  });

  it("does not ask again for what the server says that it dropped", async () => {
    const { last } = open();
    last().say("sync", { recovered: false, seq: 6, jobs: [] });
    last().say("gap", { dropped: { frame: 318 }, from_seq: 7, to_seq: 324 });
    last().onclose?.({ code: 4009 });
    await vi.advanceTimersByTimeAsync(500);
    expect(last().since).toBe("k3v9:324");
  });

  it("is given up after two and a half ping intervals of silence", async () => {
    const { last, phase, sockets } = open();
    last().say("sync", { recovered: false, seq: 0, jobs: [] });
    last().say("ping", { interval_seconds: 2 });
    await vi.advanceTimersByTimeAsync(4999);
    expect(phase()).toBe("live");
    await vi.advanceTimersByTimeAsync(1);
    expect(phase()).toBe("reconnecting");
    expect(sockets[0]?.isClosed).toBe(true);
  });

  it("takes no interval from a ping that a station made, and does not answer it", async () => {
    const { last, phase } = open();
    last().say("sync", { recovered: false, seq: 0, jobs: [] });
    last().say("ping", { interval_seconds: 1e-6 }, { seq: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(phase()).toBe("live");
    expect(last().sent).toEqual([]);
  });

  it("waits an hour at most, whatever interval it is told", async () => {
    const { last, phase } = open();
    last().say("sync", { recovered: false, seq: 0, jobs: [] });
    last().say("ping", { interval_seconds: 1e9 });
    await vi.advanceTimersByTimeAsync(3_599_999);
    expect(phase()).toBe("live");
    await vi.advanceTimersByTimeAsync(1);
    expect(phase()).toBe("reconnecting");
  });

  it("is not tried again by somebody who may not watch", async () => {
    const { last, phase, sockets } = open(false);
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phase()).toBe("denied");
    expect(sockets).toHaveLength(1);
  });
});

describe("the wait before an attempt", () => {
  it.each([
    [0, 0, 250],
    [0, 1, 500],
    [3, 1, 4000],
    [50, 0, 7500],
    [50, 1, 15_000],
  ])("after %i failures, with %f drawn, is %i ms", (attempt, random, wait) => {
    expect(backoff(attempt, random)).toBe(wait);
  });
});
