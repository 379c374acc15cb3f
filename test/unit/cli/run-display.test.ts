// What a researcher sees of a run: aligned columns under a header that comes again, evaluations, and progress that overwrites itself on a terminal.
import { expect, test, vi, afterEach } from 'vitest'
import { runDisplay } from '../../../src/cli/run-display'
import { functionSpecSchema } from '../../../src/shared/spec/schema'

const spec = (optimizer: unknown) =>
  functionSpecSchema.parse({ schemaVersion: 1, name: 'x', problem: { kind: 'function', function: 'x' }, optimizer, budget: { steps: 1 } })
const line = { step: 1, epoch: 0.5, seconds: 0.25, wallSeconds: 1.5, loss: 1.23456789, gradNorm: 1e-7, stepNorm: 1 }
afterEach(() => void vi.useRealTimers())

function output(isTTY = false) {
  const written: string[] = []
  return { isTTY, written, write: (text: string) => written.push(text), text: () => written.join('') }
}

test('second-order runs have the spectrum in columns that line up, over all blocks', () => {
  const out = output()
  const display = runDisplay(spec({ kind: 'sfn' }), out)
  display.step({
    ...line,
    lambdaMin: { W1: -2, W2: 1 },
    lambdaMax: { W1: 3, W2: 5 },
    index: { W1: 0.25, W2: 0 },
    flipped: { W1: 2, W2: 1 }
  })
  display.step({ ...line, step: 12_345, testLoss: 0.5, testAccuracy: 0.625, valLoss: 0.25, valAccuracy: 0.75 })
  const [header, first, second, validation, evaluation] = out.text().split('\n')
  expect(header.trim().split(/\s+/)).toEqual([
    'step',
    'epoch',
    'loss',
    '‖g‖',
    'λ_min',
    'λ_max',
    'index',
    'flipped',
    'step',
    's',
    'wall',
    's'
  ])
  expect(first.trim().split(/\s+/)).toEqual(['1', '0.50', '1.2346', '1.00e-7', '-2.000', '5.000', '0.250', '3', '0.25', '1.50'])
  expect(second.length).toBe(first.length)
  expect(second).toContain('·')
  expect(validation).toMatch(/val +0\.25000, accuracy 75\.00 %/)
  expect(evaluation).toMatch(/test +0\.50000, accuracy 62\.50 %/)
})

test('first-order runs have no empty columns; the header comes again', () => {
  const out = output()
  const display = runDisplay(spec({ kind: 'adam' }), out)
  for (let step = 1; step <= 30; step++) display.step({ ...line, step })
  expect(out.text().match(/epoch/g)).toHaveLength(2)
  expect(out.text()).not.toContain('λ')
})

test('of cheap steps one in a tenth of a second has its line, and those with an evaluation and the last', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const out = output()
  const display = runDisplay(spec({ kind: 'adam' }), out)
  const shown = () =>
    out
      .text()
      .match(/^ *\d+ /gm)
      ?.map(Number) ?? []
  for (let step = 1; step <= 1250; step++) {
    display.step({ ...line, step, ...(step === 777 ? { testLoss: 0.5 } : {}) })
    vi.advanceTimersByTime(1)
  }
  display.end()
  display.end()
  const first = Array.from({ length: 100 }, (_, i) => i + 1)
  expect(shown()).toEqual([...first, 200, 300, 400, 500, 600, 700, 777, 877, 977, 1077, 1177, 1250])
})

test('progress overwrites itself on a terminal and is gone before the next line', () => {
  const out = output(true)
  const display = runDisplay(spec({ kind: 'sfn' }), out)
  display.phase(3, 'eigendecomposition W2', 0.426, 75)
  expect(out.written.at(-1)).toBe('\r\u001b[2Kstep 3: eigendecomposition W2 42 %, 75 s left')
  display.step(line)
  expect(out.written[1]).toBe('\r\u001b[2K')
})

test('elsewhere progress is a line now and then', () => {
  vi.useFakeTimers()
  const out = output()
  const display = runDisplay(spec({ kind: 'sfn' }), out)
  for (let tick = 0; tick < 100; tick++) {
    vi.advanceTimersByTime(250)
    display.phase(1, 'assembly', tick / 100, null)
  }
  expect(out.written.length).toBeGreaterThan(2)
  expect(out.written.length).toBeLessThanOrEqual(5)
  expect(out.text()).not.toContain('\r')
})
