// What the filter box understands: words that must all occur, and comparisons such as `loss<0.1`, `state:done`, `tag:face-off`.
import type { RunSummary } from '../../../shared/run/summary'

const numbers: Readonly<Record<string, (run: RunSummary) => number | null>> = {
  loss: (run) => run.lastLoss,
  minloss: (run) => run.minLoss,
  testloss: (run) => run.lastTestLoss,
  accuracy: (run) => run.lastAccuracy,
  lambdamin: (run) => run.lambdaMin,
  lambdamax: (run) => run.lambdaMax,
  index: (run) => run.index,
  p: (run) => run.parameterCount,
  step: (run) => run.step,
  time: (run) => run.seconds,
  bytes: (run) => run.bytes
}
const texts: Readonly<Record<string, (run: RunSummary) => string>> = {
  state: (run) => run.state,
  tag: (run) => run.tags.join(' '),
  group: (run) => run.group ?? '',
  optimizer: (run) => run.optimizer,
  dataset: (run) => run.dataset,
  name: (run) => run.name,
  id: (run) => run.id
}
const compare: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '=': (a, b) => a === b
}

/** A test for runs. Upper and lower case are the same; quotes keep words together. */
export function runFilter(text: string): (run: RunSummary) => boolean {
  const parts = [...text.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([part]) => part.replaceAll('"', '').toLowerCase())
  const tests = parts.map((part) => {
    const comparison = /^([a-z]+)(<=|>=|<|>|=)(-?[\d.]+(?:e-?\d+)?)$/.exec(part)
    const number = comparison && numbers[comparison[1]]
    if (comparison && number) {
      return (run: RunSummary) => {
        const value = number(run)
        return value !== null && compare[comparison[2]](value, Number(comparison[3]))
      }
    }
    const named = /^([a-z]+):(.*)$/.exec(part)
    const field = named && texts[named[1]]
    if (named && field) return (run: RunSummary) => field(run).toLowerCase().includes(named[2])
    return (run: RunSummary) =>
      [run.name, run.id, run.optimizer, run.dataset, run.state, run.group ?? '', ...run.tags].some((value) =>
        value.toLowerCase().includes(part)
      )
  })
  return (run) => tests.every((test) => test(run))
}
