import { defineConfig } from "vitest/config";

// One browser and one server at a time: the tests look at what is live.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.e2e.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 40_000, interval: 100 } },
  },
});
