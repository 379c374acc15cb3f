// Finds the learning rates that src/shared/spec/tuned.ts holds: for each optimizer that no preset carries, the one with the lowest training loss after 100 steps of the face-off on small digits.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './ensure-built.mjs'

const rates = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
const kinds = {
  nesterov: {},
  rmsprop: {},
  adamw: {},
  'l-bfgs': { lineSearch: 'strong-wolfe' },
  'damped-newton': {},
  'levenberg-marquardt': {}
}

const folder = mkdtempSync(join(tmpdir(), 'saddlescope-tune-'))
const cli = (...words) =>
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const [base] = JSON.parse(cli('presets', 'face-off-mnist10', '--json'))
try {
  for (const [kind, options] of Object.entries(kinds)) {
    const losses = rates.map((learningRate) => {
      const id = `${kind}-${String(learningRate).replace('.', '-')}`
      const spec = {
        ...base,
        optimizer: { kind, ...options, learningRate },
        evaluate: {},
        snapshots: {},
        checkpoints: { everySteps: null }
      }
      const file = join(folder, 'spec.json')
      writeFileSync(file, JSON.stringify(spec))
      try {
        cli('run', file, '--id', id, '--workspace', join(folder, 'workspace'))
        const lines = readFileSync(join(folder, 'workspace', 'runs', id, 'metrics.ndjson'), 'utf8')
          .trimEnd()
          .split('\n')
        return JSON.parse(lines[lines.length - 1]).loss
      } catch {
        return Infinity
      }
    })
    const best = losses.indexOf(Math.min(...losses))
    console.log(`${kind}: ${rates.map((rate, k) => `${rate} → ${losses[k].toPrecision(4)}`).join(', ')}; best ${rates[best]}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
