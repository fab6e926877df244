import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  plugins: [react()],
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    // The service allows images as data, but no other content of that form.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
