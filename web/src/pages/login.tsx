//! Where a person shows a key.

import { useState } from "preact/hooks";
import { ApiError } from "../api/http.ts";
import { logIn } from "../api/session.ts";
import { startFeed, stopFeed } from "../live/feed.ts";
import { reason } from "../parts/resource.tsx";
import { navigate, place } from "../router.ts";

/** Back to where the person came from, if that is a place of this site. */
function back(): string {
  const next = place.value.search.get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : "/";
}

export function LoginPage() {
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await logIn(key.trim());
      setKey("");
      stopFeed();
      startFeed();
      navigate(back(), true);
    } catch (failure) {
      const isUnknown = failure instanceof ApiError && failure.status === 401;
      setError(isUnknown ? "The server does not know this key." : reason(failure));
    }
    setBusy(false);
  };

  return (
    <form class="login panel" onSubmit={(event) => void submit(event)}>
      <h1>Log in</h1>
      <label for="key">Key</label>
      <input
        id="key"
        type="password"
        autocomplete="current-password"
        spellcheck={false}
        required
        autofocus
        value={key}
        aria-invalid={error !== null}
        aria-describedby="key-help key-error"
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <p id="key-help" class="muted">
        From <code>hil key create</code>; it begins with <code>hil_</code>. It stays with the server's cookie, and is not
        kept by this page.
      </p>
      <p id="key-error" class="failure" role="alert">
        {error}
      </p>
      <button type="submit" class="primary" disabled={busy || key.trim() === ""}>
        Log in
      </button>
    </form>
  );
}
