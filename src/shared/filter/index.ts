// The run list's filter language: words that must all hold, such as `state:running tag:mnist loss<0.1 -optimizer:sfn name~saddle`.
import type { RunSummary } from '../run/summary'

/** What is wrong with a filter, in one sentence. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
}

type Test = (run: RunSummary) => boolean

const texts: Readonly<Record<string, (run: RunSummary) => readonly string[]>> = {
  id: (run) => [run.id],
  name: (run) => [run.name],
  state: (run) => [run.state],
  tag: (run) => run.tags,
  group: (run) => (run.group === null ? [] : [run.group]),
  colour: (run) => (run.colour === null ? [] : [run.colour]),
  optimizer: (run) => [run.optimizer],
  dataset: (run) => [run.dataset],
  notes: (run) => [run.notes],
  error: (run) => (run.error === null ? [] : [run.error]),
  created: (run) => [run.createdAt]
}

const numbers: Readonly<Record<string, (run: RunSummary) => number | null>> = {
  loss: (run) => run.lastLoss,
  minloss: (run) => run.minLoss,
  testloss: (run) => run.lastTestLoss,
  accuracy: (run) => run.lastAccuracy,
  bestaccuracy: (run) => run.bestAccuracy,
  valloss: (run) => run.lastValLoss,
  valaccuracy: (run) => run.lastValAccuracy,
  bestvalaccuracy: (run) => run.bestValAccuracy,
  lambdamin: (run) => run.lambdaMin,
  lambdamax: (run) => run.lambdaMax,
  index: (run) => run.index,
  step: (run) => run.step,
  steps: (run) => run.budgetSteps,
  parameters: (run) => run.parameterCount,
  seconds: (run) => run.seconds,
  wallseconds: (run) => run.wallSeconds,
  bytes: (run) => run.bytes,
  snapshots: (run) => run.snapshots
}

const flags: Readonly<Record<string, Test>> = {
  pinned: (run) => run.pinned,
  tagged: (run) => run.tags.length > 0,
  noted: (run) => run.notes !== '',
  grouped: (run) => run.group !== null,
  finished: (run) => run.state === 'done' || run.state === 'failed' || run.state === 'diverged'
}

/** Field names, for completion in a search box. */
export const filterFields = { text: Object.keys(texts), number: Object.keys(numbers), is: Object.keys(flags) } as const

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b
}

const sizes: Readonly<Record<string, number>> = {
  '': 1,
  '%': 0.01,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  tb: 1e12,
  s: 1,
  min: 60,
  h: 3600
}

function numberOf(text: string, word: string): number {
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%|[a-z]*)$/i.exec(text)
  const unit = found?.[2].toLowerCase() ?? ''
  if (!found || !Object.hasOwn(sizes, unit))
    throw new FilterError(`"${word}": "${text}" is not a number such as 0.1, 1e-3, 95%, 2GB or 10min`)
  return Number(found[1]) * sizes[unit]
}

function textTest(field: string, operator: string, value: string): Test {
  const read = texts[field]
  if (operator === '~') return (run) => read(run).some((text) => text.toLowerCase().includes(value))
  const wanted = value.split(',').filter((one) => one !== '')
  // A date may be given up to any precision: created:2026-11 is a month.
  if (field === 'created') return (run) => wanted.some((one) => read(run)[0].toLowerCase().startsWith(one))
  const holds: Test = (run) => read(run).some((text) => wanted.includes(text.toLowerCase()))
  return operator === '!=' ? (run) => !holds(run) : holds
}

function dateTest(operator: string, value: string): Test {
  return (run) => {
    const start = run.createdAt.toLowerCase().slice(0, value.length)
    return operator === '<' ? start < value : operator === '<=' ? start <= value : operator === '>' ? start > value : start >= value
  }
}

function termTest(word: string): Test {
  const found = /^([a-z]+)(<=|>=|!=|[:<>=~])(.*)$/is.exec(word)
  const field = found?.[1].toLowerCase() ?? ''
  if (!found || !(Object.hasOwn(texts, field) || Object.hasOwn(numbers, field) || field === 'is')) {
    if (found && /[<>=~]/.test(found[2]))
      throw new FilterError(
        `"${word}": there is no field "${found[1]}"; there are ${[...Object.keys(texts), ...Object.keys(numbers)].join(', ')}, is`
      )
    const wanted = word.toLowerCase()
    return (run) =>
      [run.name, run.id, run.optimizer, run.dataset, run.notes, ...run.tags].some((text) => text.toLowerCase().includes(wanted))
  }
  const operator = found[2]
  const value = found[3].toLowerCase()
  if (value === '') throw new FilterError(`"${word}": a value is missing after "${operator}"`)
  if (field === 'is') {
    const flag = Object.hasOwn(flags, value) ? flags[value] : null
    if (!flag)
      throw new FilterError(
        `"${word}": must be one of ${Object.keys(flags)
          .map((name) => `is:${name}`)
          .join(', ')}`
      )
    return flag
  }
  if (Object.hasOwn(numbers, field)) {
    if (operator === '~') throw new FilterError(`"${word}": ${field} is a number; compare it with <, <=, >, >=, = or !=`)
    const read = numbers[field]
    const wanted = numberOf(value, word)
    const compare = comparisons[operator === ':' ? '=' : operator]
    return (run) => {
      const held = read(run)
      return held !== null && compare(held, wanted)
    }
  }
  if ('<>'.includes(operator[0])) {
    if (field === 'created') return dateTest(operator, value)
    throw new FilterError(`"${word}": ${field} is text; use ${field}:value or ${field}~part`)
  }
  return textTest(field, operator, value)
}

/** Words at white space; "double quotes" keep spaces together, also after a field: name~"two words". */
function splitWords(text: string): string[] {
  const words = [...text.matchAll(/(?:[^\s"]|"[^"]*("|$))+/g)].map(([word, closing]) => {
    if (closing === '') throw new FilterError(`${word}: a closing quotation mark is missing`)
    return word.replaceAll('"', '')
  })
  return words.filter((word) => word !== '')
}

/**
 * Compiles a filter to a test. All words must hold; a leading "-" turns one around; `field:a,b` is either; `field~part` contains; numbers compare
 * by <, <=, >, >=, =, != and take units (2GB, 10min, 95%); a word without a field is looked for in name, id, tags, notes, optimizer and dataset.
 * A run without the figure holds no comparison. Throws FilterError.
 */
export function compileFilter(filter: string): (run: RunSummary) => boolean {
  const tests = splitWords(filter).map((word): Test => {
    if (word.length > 1 && word.startsWith('-')) {
      const test = termTest(word.slice(1))
      return (run) => !test(run)
    }
    return termTest(word)
  })
  return (run) => tests.every((test) => test(run))
}
