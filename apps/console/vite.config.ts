import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const gateway = 'http://127.0.0.1:8000';

const WORTH_IT_BYTES = 1_024;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

/** Every text among the assets once more as `.br` and `.gz`, for the gateway to send as they are. */
const compressed: Plugin = {
  name: 'compressed-assets',
  apply: 'build',
  async writeBundle({ dir }, files) {
    const texts = Object.values(files).filter(({ fileName }) => /^assets\/.*\.(js|css)$/.test(fileName));
    for (const { fileName } of texts) {
      const path = join(dir!, fileName);
      const bytes = await readFile(path);
      if (bytes.length < WORTH_IT_BYTES) continue;
      await Promise.all([
        writeFile(`${path}.br`, brotliCompressSync(bytes, BROTLI)),
        writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 })),
      ]);
    }
  },
};

/** `vite build apps/console` for the gateway to serve; `vite apps/console` while writing, beside a running suite. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [compressed],
  build: {
    outDir: '../../dist/apps/console',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 600,
    // An inlined asset would be a data: URL, which the content policy refuses for everything but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" of the component library means nothing here.
      onLog: (level, log, next) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && next(level, log),
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: 'charts', test: /node_modules[\\/](echarts|zrender)[\\/]/ },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    // Packages lie beside the apps.
    fs: { allow: [join(import.meta.dirname, '../..')] },
    // The gateway compares the page's origin with the host it was asked by.
    proxy: {
      '/api': { target: gateway, changeOrigin: false },
      '/socket.io': { target: gateway, changeOrigin: false, ws: true },
    },
  },
});
