//! Asks before a job is cancelled.

import { useState } from "preact/hooks";
import { cancelJob } from "../../api/jobs.ts";
import { refresh } from "../../live/feed.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { reason } from "../../parts/resource.tsx";

interface Props {
  readonly jobId: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function CancelDialog({ jobId, onDone, onClose }: Props) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    try {
      await cancelJob(jobId);
      onDone();
      onClose();
      void refresh();
    } catch (failure) {
      setError(reason(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Cancel this job?" onClose={onClose}>
      <p>
        The test in flight is torn down, the supply's output is switched off and read back, and the job ends as aborted.
        What was measured so far is kept.
      </p>
      {error !== null && (
        <p class="failure" role="alert">
          {error}
        </p>
      )}
      <div class="actions">
        <button type="button" autofocus onClick={onClose}>
          Let it run
        </button>
        <button type="button" class="danger" disabled={busy} onClick={() => void cancel()}>
          Cancel job
        </button>
      </div>
    </Dialog>
  );
}
