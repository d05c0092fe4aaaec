import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** `npm run build` writes dist/console, which the service serves. No inline script or data: URL, as its Content-Security-Policy refuses them. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // React, Mantine and the router are one file; test/console holds the first load to 250 KB.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // Mantine's modules say "use client", which concerns servers that render.
      onLog: (level, log, tell) => log.code === 'MODULE_LEVEL_DIRECTIVE' || tell(level, log),
    },
  },
});
