// Builds the page and the fake workbench into a folder and serves them, for work on the page: node test/renderer-fixture/start.mjs FOLDER [PORT] [--no-serve]
import { spawn } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { build } from 'vite'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(here))
const [folder, port = '7399'] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const out = resolve(folder)
await build({
  configFile: false,
  logLevel: 'warn',
  root: join(root, 'src/renderer'),
  base: './',
  plugins: [vue()],
  build: {
    outDir: join(out, 'page'),
    emptyOutDir: true,
    target: 'chrome108',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000
  }
})
if (!process.argv.includes('--page-only')) {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: here,
    build: {
      ssr: join(here, 'serve.ts'),
      outDir: join(out, 'server'),
      emptyOutDir: true,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'serve.mjs' } }
    },
    ssr: { noExternal: true }
  })
}
if (!process.argv.includes('--no-serve'))
  spawn(process.execPath, [join(out, 'server/serve.mjs'), join(out, 'page'), port], { stdio: 'inherit' })
