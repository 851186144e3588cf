// The build: hashed files under assets/, nothing inlined (the content security policy allows no inline script or style).
import { defineConfig } from 'vite';

const api = process.env.BAOGONG_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
    base: './',
    appType: 'spa',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
        target: 'es2022',
        outDir: 'dist',
        manifest: true,
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        cssCodeSplit: true,
        reportCompressedSize: false,
        chunkSizeWarningLimit: 1500,
    },
    worker: { format: 'es' },
    server: { port: 5173, strictPort: false, proxy: { '/api': api, '/regions': api } },
    test: { include: ['tests/*.test.ts'], environment: 'node' },
} as never);
