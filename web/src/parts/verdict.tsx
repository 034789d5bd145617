//! A verdict as a word, a sign and a colour: never as a colour alone.

interface Look {
  readonly tone: "good" | "bad" | "broken" | "muted" | "busy" | "quiet";
  readonly sign: string;
  readonly word: string;
}

const LOOKS: Readonly<Record<string, Look>> = {
  PASS: { tone: "good", sign: "✓", word: "pass" },
  FAIL: { tone: "bad", sign: "✗", word: "fail" },
  ERROR: { tone: "broken", sign: "!", word: "error" },
  TIMEOUT: { tone: "broken", sign: "!", word: "timeout" },
  ABORTED: { tone: "broken", sign: "■", word: "aborted" },
  INTERRUPTED: { tone: "broken", sign: "■", word: "interrupted" },
  FAILED: { tone: "broken", sign: "!", word: "broke off" },
  COMPLETED: { tone: "quiet", sign: "●", word: "completed" },
  SKIP: { tone: "muted", sign: "–", word: "skip" },
  UNSET: { tone: "muted", sign: "○", word: "unset" },
  RUNNING: { tone: "busy", sign: "▶", word: "running" },
  FAILING: { tone: "bad", sign: "▶", word: "failing" },
  QUEUED: { tone: "quiet", sign: "…", word: "queued" },
  NOT_RUN: { tone: "quiet", sign: "·", word: "not run" },
  PENDING: { tone: "quiet", sign: "·", word: "pending" },
  IDLE: { tone: "quiet", sign: "○", word: "idle" },
  BUSY: { tone: "busy", sign: "●", word: "busy" },
};

export function look(verdict: string): Look {
  return LOOKS[verdict.toUpperCase()] ?? { tone: "muted", sign: "?", word: verdict };
}

/** @param compact shows the sign, and leaves the word to screen readers */
export function Verdict({ of, compact = false }: { of: string; compact?: boolean }) {
  const { tone, sign, word } = look(of);
  return (
    <span class={`verdict ${tone}`} title={compact ? word : undefined}>
      <span aria-hidden="true" class="sign">
        {sign}
      </span>
      <span class={compact ? "visually-hidden" : "verdict-word"}>{word}</span>
    </span>
  );
}
