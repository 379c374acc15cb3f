// A run as a researcher likes to watch it: a line a step under a header that comes again, evaluations, and progress inside a step that takes long.
import { leftText } from '../shared/format/durations'
import { figure, percent } from '../shared/format/figures'
import { acrossBlocks } from '../shared/run/figures'
import type { MetricsLine } from '../shared/run/schema'
import type { RunSpec } from '../shared/spec/schema'
import { harmless } from './format'

interface Column {
  readonly name: string
  readonly width: number
  readonly cell: (line: MetricsLine) => string
}

const sum = (...values: number[]) => values.reduce((total, value) => total + value, 0)

const always: Column[] = [
  { name: 'step', width: 7, cell: ({ step }) => String(step) },
  { name: 'epoch', width: 7, cell: ({ epoch }) => (epoch < 100 ? epoch.toFixed(2) : epoch.toFixed(0)) },
  { name: 'loss', width: 11, cell: ({ loss }) => figure(loss, 5) },
  { name: '‖g‖', width: 10, cell: ({ gradNorm }) => figure(gradNorm) }
]
const spectral: Column[] = [
  { name: 'λ_min', width: 11, cell: ({ lambdaMin }) => figure(acrossBlocks(lambdaMin, Math.min)) },
  { name: 'λ_max', width: 10, cell: ({ lambdaMax }) => figure(acrossBlocks(lambdaMax, Math.max)) },
  { name: 'index', width: 8, cell: ({ index }) => figure(acrossBlocks(index, Math.max), 3) },
  { name: 'flipped', width: 8, cell: ({ flipped }) => String(acrossBlocks(flipped, sum) ?? '·') }
]
const secondsText = (seconds: number | undefined) => (seconds === undefined ? '·' : seconds.toFixed(seconds < 100 ? 2 : 1))
/** Seconds of the steps' own work, and of everything. */
const last: Column[] = [
  { name: 'step s', width: 9, cell: ({ seconds }) => secondsText(seconds) },
  { name: 'wall s', width: 9, cell: ({ wallSeconds }) => secondsText(wallSeconds) }
]

const headerEvery = 25
/** Of the first steps each has its line; from there on, where steps are cheap, one in so many milliseconds has. */
const shownAll = 100
const shownEvery = 100
/** Where progress cannot overwrite itself. */
const sparseMilliseconds = 5000

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface RunDisplay {
  step(line: MetricsLine): void
  phase(step: number, phase: string, fraction: number, etaSeconds: number | null): void
  /** A line of its own, such as a notice. */
  note(text: string): void
  /** The newest step has its line. */
  end(): void
}

/** Steps with an evaluation all have their line. On a terminal progress overwrites itself; elsewhere a line at most every five seconds. */
export function runDisplay(spec: RunSpec, output: Output): RunDisplay {
  const columns = [...always, ...('damping' in spec.optimizer ? spectral : []), ...last]
  const terminal = output.isTTY === true
  let lines = 0
  let shownProgress = false
  let lastProgress = performance.now()
  let lastShown = 0
  let left: MetricsLine | null = null
  const clear = () => {
    if (shownProgress) output.write('\r\u001b[2K')
    shownProgress = false
  }
  const write = (text: string) => {
    clear()
    output.write(`${text}\n`)
  }
  const show = (line: MetricsLine) => {
    left = null
    if (lines++ % headerEvery === 0) write(columns.map(({ name, width }) => name.padStart(width)).join(' '))
    write(columns.map(({ width, cell }) => cell(line).padStart(width)).join(' '))
    const evaluated = (name: string, loss: number | null | undefined, accuracy: number | null | undefined) => {
      if (loss === undefined && accuracy === undefined) return
      const fraction = accuracy === null || accuracy === undefined ? '' : `, accuracy ${percent(accuracy, 2)}`
      write(`${name.padStart(7)} ${''.padStart(7)} ${figure(loss, 5).padStart(11)}${fraction}`)
    }
    evaluated('val', line.valLoss, line.valAccuracy)
    evaluated('test', line.testLoss, line.testAccuracy)
    lastShown = lastProgress = performance.now()
  }
  return {
    note: (text) => write(harmless(text)),
    end() {
      if (left !== null) show(left)
    },
    step(line) {
      const evaluated = line.testLoss !== undefined || line.valLoss !== undefined
      if (lines < shownAll || evaluated || performance.now() - lastShown >= shownEvery) show(line)
      else left = line
    },
    phase(step, phase, fraction, etaSeconds) {
      const text = `${step === 0 ? '' : `step ${step}: `}${phase} ${Math.floor(100 * fraction)} %${leftText(etaSeconds)}`
      if (terminal) {
        output.write(`\r\u001b[2K${text}`)
        shownProgress = true
      } else if (performance.now() - lastProgress > sparseMilliseconds) {
        lastProgress = performance.now()
        output.write(`${text}\n`)
      }
    }
  }
}
