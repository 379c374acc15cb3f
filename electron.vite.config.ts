// What is built, for which engine: main and preload for Electron's Node, the Node programs beside them, the page for Chromium 108.
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { noteBundledPackages } from './scripts/licences.mjs'

const source = (path: string) => resolve(import.meta.dirname, path)

export default defineConfig({
  main: {
    plugins: [noteBundledPackages('main')],
    build: {
      outDir: 'out/main',
      target: 'node16',
      minify: false,
      externalizeDeps: false,
      rollupOptions: {
        external: ['electron', 'koffi', 'bufferutil', 'utf-8-validate'],
        input: {
          index: source('src/main/index.ts'),
          workbench: source('src/workbench/process.ts'),
          engine: source('src/engine-process/process.ts'),
          'linalg-worker': source('src/engine/linalg/backends/wasm/worker.ts'),
          'map-worker': source('src/engine/analyses/map/worker.ts'),
          cli: source('src/cli/index.ts'),
          bench: source('bench/index.ts')
        },
        output: { format: 'cjs', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }
      }
    }
  },
  preload: {
    plugins: [noteBundledPackages('preload')],
    build: {
      outDir: 'out/preload',
      target: 'node16',
      rollupOptions: {
        input: { index: source('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].js' }
      }
    }
  },
  renderer: {
    root: 'src/renderer',
    build: {
      outDir: 'out/renderer',
      target: 'chrome108',
      minify: true,
      modulePreload: { polyfill: false },
      rollupOptions: { input: { index: source('src/renderer/index.html') } }
    },
    plugins: [vue(), noteBundledPackages('page')],
    worker: { plugins: () => [noteBundledPackages('page-worker')] }
  }
})
