// The linear-algebra suite inside a utility process of a real Electron: worker threads over shared memory, and native calls, work there as in Node.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { build } from 'vite'
import { root } from '../../e2e/support'
import { electronPath, electronVersion } from '../support'

interface SuiteResult {
  readonly cases: number
  readonly failures: readonly string[]
  readonly info?: { readonly kind: string; readonly threads: number }
}

/** Inside the checkout, so that the bundle finds the built kernels and koffi. */
const bundleFolder = join(root, 'node_modules', '.cache', 'saddlescope-linalg-suite')

beforeAll(async () => {
  mkdirSync(bundleFolder, { recursive: true })
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      ssr: join(root, 'test', 'electron', 'linalg', 'suite-process.ts'),
      outDir: bundleFolder,
      emptyOutDir: true,
      target: 'node16',
      minify: false,
      rollupOptions: { external: ['koffi'], output: { format: 'cjs', entryFileNames: 'suite.cjs', chunkFileNames: '[name]-[hash].cjs' } }
    }
  })
})

function runSuite(backend: string): Promise<SuiteResult> {
  const bridge = Number(electronVersion.split('.')[0]) < 30 ? ['-r', join(root, 'test', 'electron-compat', 'main.cjs')] : []
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const main = join(root, 'test', 'electron', 'linalg', 'main.cjs')
  const child = spawn(electronPath, [...sandbox, ...bridge, main, join(bundleFolder, 'suite.cjs'), backend], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  return new Promise((resolve, reject) => {
    let [output, errors] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    child.on('error', reject)
    child.on('close', () => {
      const line = output.split('\n').find((one) => one.startsWith('RESULT '))
      if (line) resolve(JSON.parse(line.slice(7)) as SuiteResult)
      else reject(new Error(`Electron ${electronVersion} gave no result: ${errors.slice(-2000)}`))
    })
  })
}

describe.each(['wasm', 'lapack'])('%s in a utility process', (backend) => {
  it(`passes the suite in Electron ${electronVersion}`, async () => {
    const { cases, failures, info } = await runSuite(backend)
    expect(failures).toEqual([])
    expect(cases).toBeGreaterThan(100)
    expect(info).toMatchObject({ kind: backend, threads: 2 })
  })
})
