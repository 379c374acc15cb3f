// Builds everything: the WebAssembly kernels, then the Electron shell, the Node programs and the page. Everything it prints goes to stderr.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeLicences } from './licences.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(script, args) {
  const child = execFileSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return child
}

/** The kernels' variants: `wide` has the tiles that V8 can widen to 256 bits, `fused` rounds once where the others round twice. */
const variants = [
  { file: 'kernels.wasm', wide: 0, fused: 0 },
  { file: 'kernels-256.wasm', wide: 1, fused: 0 },
  { file: 'kernels-256-fma.wasm', wide: 1, fused: 1 }
]

/** Compiles the kernels to `out/wasm`. Baseline SIMD only, so that results do not vary between CPUs, but in the fused variant. */
export function buildKernels() {
  mkdirSync(join(root, 'out', 'wasm'), { recursive: true })
  for (const { file, wide, fused } of variants)
    run(join('node_modules', 'assemblyscript', 'bin', 'asc.js'), [
      'src/engine/linalg/backends/wasm/assembly/index.ts',
      '--outFile',
      join('out', 'wasm', file),
      '-O3',
      '--noAssert',
      ...['simd', 'threads', ...(fused ? ['relaxed-simd'] : [])].flatMap((feature) => ['--enable', feature]),
      ...[`WIDE=${wide}`, `FUSED=${fused}`].flatMap((constant) => ['--use', constant]),
      '--sharedMemory',
      '--importMemory',
      '--initialMemory',
      '17',
      '--maximumMemory',
      '65536',
      '--runtime',
      'stub'
    ])
}

/** Everything below out/ is CommonJS, whatever the project itself is. */
function markAsCommonJs() {
  writeFileSync(join(root, 'out', 'package.json'), '{"type":"commonjs"}\n')
}

export async function buildAll() {
  try {
    rmSync(join(root, 'out', 'bundled'), { recursive: true, force: true })
    run(join('scripts', 'check-floors.mjs'), [])
    buildKernels()
    markAsCommonJs()
    run(join('node_modules', 'electron-vite', 'bin', 'electron-vite.js'), ['build', '--logLevel', 'warn'])
    writeLicences()
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}`)
    throw new Error('the build failed; its output is above', { cause: error })
  }
}
