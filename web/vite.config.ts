import { defineConfig } from "vitest/config";

// Everything is a file under /assets: the content security policy knows no inline script, style or font.
export default defineConfig({
  base: "/",
  publicDir: false,
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
