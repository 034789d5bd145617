//! The frame around every page: who may see it, navigation, the page itself.

import { useEffect, useRef } from "preact/hooks";
import { whenUnauthorized } from "./api/http.ts";
import { logOut, refreshSession, session } from "./api/session.ts";
import { startFeed, status, stopFeed } from "./live/feed.ts";
import { ComparePage } from "./pages/compare.tsx";
import { JobPage } from "./pages/job.tsx";
import { LivePage } from "./pages/live.tsx";
import { LoginPage } from "./pages/login.tsx";
import { RequirementsPage } from "./pages/requirements.tsx";
import { RunPage } from "./pages/run.tsx";
import { RunsPage } from "./pages/runs.tsx";
import { StatisticsPage } from "./pages/statistics.tsx";
import { ConnectionBadge } from "./parts/badge.tsx";
import { setTheme, theme, type Theme } from "./parts/theme.ts";
import { navigate, place } from "./router.ts";

const PAGES = [
  ["/", "Live"],
  ["/runs", "Runs"],
  ["/statistics", "Statistics"],
  ["/requirements", "Requirements"],
] as const;

function page(path: string) {
  const [, first, id, more] = path.split("/");
  if (path === "/") return { title: "Live", body: <LivePage /> };
  if (more !== undefined) return null;
  const key = id === undefined ? null : decoded(id);
  if (first === "runs") return key ? { title: "Run", body: <RunPage id={key} /> } : { title: "Runs", body: <RunsPage /> };
  if (first === "jobs" && key) return { title: "Job", body: <JobPage id={key} /> };
  if (key !== null) return null;
  if (first === "compare") return { title: "Compare", body: <ComparePage /> };
  if (first === "statistics") return { title: "Statistics", body: <StatisticsPage /> };
  if (first === "requirements") return { title: "Requirements", body: <RequirementsPage /> };
  return null;
}

const ASK_AGAIN_MS = 3000;

/** What a segment of an address stands for; one that is broken stands for itself. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** To the page where one logs in, with the way back. */
function toLogin(): void {
  const { path, search } = place.value;
  if (path === "/login") return;
  const back = search.size > 0 ? `${path}?${search}` : path;
  navigate(`/login?next=${encodeURIComponent(back)}`, true);
}

whenUnauthorized(() => {
  session.value = null;
  toLogin();
});

function ThemeSwitch() {
  return (
    <label class="theme">
      <span class="visually-hidden">Colours</span>
      <select value={theme.value} onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
        <option value="system">auto</option>
        <option value="light">light</option>
        <option value="dark">dark</option>
      </select>
    </label>
  );
}

function Who() {
  const who = session.value?.who;
  if (!who) return null;
  if (who.kind === "local") return <span class="who muted">{who.name}</span>;
  const leave = async () => {
    await logOut();
    stopFeed();
    navigate("/login");
  };
  return (
    <span class="who">
      <span class="muted">{who.name}</span>
      <button type="button" class="quiet" onClick={() => void leave()}>
        Log out
      </button>
    </span>
  );
}

export function App() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const { path } = place.value;
  const known = session.value;

  useEffect(() => {
    // A server that is away at first is asked until it answers.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      if ((await refreshSession()) === undefined) timer = setTimeout(() => void ask(), ASK_AGAIN_MS);
    };
    void ask();
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (known === null) toLogin();
    if (known) startFeed();
  }, [known, path]);
  useEffect(() => {
    // Whoever follows a link with a screen reader is taken to the page, not left in the navigation.
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [path]);

  const shown = path === "/login" ? { title: "Log in", body: <LoginPage /> } : page(path);
  useEffect(() => {
    document.title = `${shown?.title ?? "Not found"} · hil`;
  }, [shown?.title]);
  const isReady = path === "/login" || known !== null;

  return (
    <>
      <a class="skip-link" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <span class="brand">hil</span>
        {path !== "/login" && (
          <nav aria-label="Pages">
            {PAGES.map(([to, name]) => (
              <a key={to} href={to} aria-current={to === path ? "page" : undefined}>
                {name}
              </a>
            ))}
          </nav>
        )}
        <span class="spacer" />
        {path !== "/login" && <ConnectionBadge />}
        <Who />
        <ThemeSwitch />
      </header>
      <main id="main" ref={main} tabIndex={-1} class={path === "/" ? "wall" : "page"} data-connection={status.value.phase}>
        {!isReady ? null : (shown?.body ?? <p>There is no such page.</p>)}
      </main>
    </>
  );
}
