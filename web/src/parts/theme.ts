//! Light, dark, or what the system prefers.

import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const KEY = "hil.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function kept(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "system";
  } catch {
    return "system";
  }
}

export const theme = signal<Theme>(kept());
/** What is shown; canvases are drawn anew when it changes. */
export const isDark = signal(systemIsDark.matches);

function apply(): void {
  isDark.value = theme.value === "dark" || (theme.value === "system" && systemIsDark.matches);
  document.documentElement.dataset["theme"] = isDark.value ? "dark" : "light";
}

export function setTheme(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Without storage the choice holds until the page is left.
  }
  apply();
}

systemIsDark.addEventListener("change", apply);
apply();
