// What the shell decides about closing, crashes, progress and notices.
import { describe, expect, test } from 'vitest'
import {
  afterPageCrash,
  atClose,
  closingQuestion,
  endTexts,
  exitSentence,
  goneSentence,
  hasFailed,
  isAtWork,
  isWorthTelling,
  nothingAtWork,
  progressBar,
  releasePage,
  tooltip,
  workLines,
  workSentence,
  type ClosingWindow
} from '../../../src/main/decisions'
import type { Activity, RunAtWork, RunEnd } from '../../../src/workbench/main-protocol'

const run = (more: Partial<RunAtWork> = {}): RunAtWork => ({
  id: 'a',
  name: 'Digits',
  step: 12,
  steps: 40,
  fraction: 0.3,
  secondsLeft: 90,
  trouble: null,
  ...more
})
const activity = (more: Partial<Activity> = {}): Activity => ({ ...nothingAtWork, ...more })
const closing = (more: Partial<ClosingWindow> = {}) =>
  atClose({ isLast: true, isQuitting: false, atWork: true, platform: 'linux', choice: 'ask', hasTray: true, ...more })

describe('closing a window', () => {
  test('asks only when it is the last one and something is at work', () => {
    expect(closing()).toBe('ask')
    expect(closing({ isLast: false })).toBe('close')
    expect(closing({ atWork: false })).toBe('close')
    expect(closing({ isQuitting: true })).toBe('close')
  })
  test('does what was chosen; without a tray nothing is kept unasked', () => {
    expect(closing({ choice: 'keep' })).toBe('keep')
    expect(closing({ choice: 'quit' })).toBe('quit')
    expect(closing({ choice: 'keep', hasTray: false })).toBe('ask')
    expect(closing({ choice: 'quit', hasTray: false })).toBe('quit')
  })
  test('leaves a Mac app in the dock, with what it works on', () => {
    for (const choice of ['ask', 'keep', 'quit'] as const) expect(closing({ platform: 'darwin', choice })).toBe('close')
  })
  test('names what is at work, and what cannot be resumed', () => {
    expect(isAtWork(activity())).toBe(false)
    expect(isAtWork(activity({ jobs: ['Computing the Hessian'] }))).toBe(true)
    expect(isAtWork(activity({ paused: 1 }))).toBe(false)
    expect(workSentence(activity({ running: [run(), run()], waiting: 1, jobs: ['x'] }))).toBe(
      '2 runs are training, 1 run waits in the queue and 1 job is at work'
    )
    const withTray = closingQuestion(activity({ running: [run()], jobs: ['Computing the Hessian'] }), true)
    expect(withTray.answers.map(({ does }) => does)).toEqual(['keep', 'quit', 'cancel'])
    expect(withTray.detail).toContain('they are cancelled: Computing the Hessian.')
    const without = closingQuestion(activity({ jobs: ['Importing points'] }), false)
    expect(without.message).toBe('1 job is at work.')
    expect(without.answers).toEqual([
      { label: 'Quit', does: 'quit' },
      { label: 'Cancel', does: 'cancel' }
    ])
    expect(without.detail).not.toContain('checkpoint')
  })
})

describe('crashes', () => {
  test('a page is loaded again twice within a minute, then it is asked about', () => {
    expect(afterPageCrash([0], 0)).toBe('reload')
    expect(afterPageCrash([0, 5000], 5000)).toBe('reload')
    expect(afterPageCrash([0, 5000, 9000], 9000)).toBe('ask')
    expect(afterPageCrash([0, 5000, 61_000], 61_000)).toBe('reload')
  })
  test('say why in words', () => {
    expect(goneSentence('oom', 0)).toBe('it ran out of memory')
    expect(goneSentence('crashed', 5)).toBe('it crashed, code 5')
    expect(goneSentence('strange', 1)).toBe('it ended (strange), code 1')
    expect(exitSentence(9)).toBe('by SIGKILL')
    expect(exitSentence(0)).toBe('without a word, as one that is killed does')
    expect(exitSentence(3)).toBe('with code 3')
  })
})

describe('the bar of the icon', () => {
  test('is the mean of what is known, none at rest, and says a failure until it was seen', () => {
    expect(progressBar(nothingAtWork, null)).toEqual({ value: -1, mode: 'none' })
    expect(progressBar(activity({ running: [run()] }), null)).toEqual({ value: 0.3, mode: 'normal' })
    expect(progressBar(activity({ running: [run(), run({ fraction: 0.7 }), run({ fraction: null })] }), null)).toEqual({
      value: 0.5,
      mode: 'normal'
    })
    expect(progressBar(activity({ running: [run({ fraction: null })] }), null)).toEqual({ value: 2, mode: 'indeterminate' })
    expect(progressBar(activity({ running: [run({ trouble: 'waiting: the disk is full' })] }), null).mode).toBe('paused')
    expect(progressBar(activity({ running: [run()] }), 0.8)).toEqual({ value: 0.8, mode: 'error' })
  })
})

describe('the end of a run', () => {
  const end = (more: Partial<RunEnd> = {}): RunEnd => ({
    id: 'a',
    name: 'Digits',
    state: 'done',
    step: 40,
    workedSeconds: 200,
    message: null,
    ...more
  })
  test('is told of long runs that ended by themselves, when nobody looks', () => {
    expect(isWorthTelling(end(), false)).toBe(true)
    expect(isWorthTelling(end(), true)).toBe(false)
    expect(isWorthTelling(end({ workedSeconds: 59 }), false)).toBe(false)
    expect(isWorthTelling(end({ state: 'paused' }), false)).toBe(false)
    expect(isWorthTelling(end({ state: 'interrupted' }), false)).toBe(false)
    expect(isWorthTelling(end({ state: 'interrupted', message: 'out of memory' }), false)).toBe(true)
  })
  test('is a failure unless it was planned or asked for', () => {
    expect(hasFailed(end())).toBe(false)
    expect(hasFailed(end({ state: 'interrupted' }))).toBe(false)
    expect(hasFailed(end({ state: 'diverged', message: 'the loss is not finite' }))).toBe(true)
  })
  test('says state, step, time and why', () => {
    expect(endTexts(end())).toEqual({ title: 'Digits: done', body: 'at step 40 after 3 min 20 s' })
    expect(endTexts(end({ state: 'diverged', message: 'the loss is not finite' }))).toEqual({
      title: 'Digits: diverged',
      body: 'at step 40 after 3 min 20 s: the loss is not finite'
    })
  })
})

describe('the tray', () => {
  test('says how far each run is, what waits and what is paused', () => {
    expect(
      workLines(activity({ running: [run(), run({ name: 'B', steps: null, fraction: null, secondsLeft: null })], waiting: 2 }))
    ).toEqual(['Digits: step 12 of 40 (30 %), 90 s left', 'B: step 12', '2 runs waiting'])
    expect(workLines(activity({ paused: 1 }))).toEqual(['1 run paused'])
    expect(workLines(nothingAtWork)).toEqual(['nothing is running'])
    expect(workLines(activity({ running: [run({ trouble: 'waiting: the disk is full' })] }))).toEqual([
      'Digits: step 12 of 40 (30 %), waiting: the disk is full'
    ])
  })
  test('has a tip of at most 127 characters', () => {
    const tip = tooltip(activity({ running: Array.from({ length: 9 }, () => run({ name: 'A run with a long name' })) }))
    expect(tip).toHaveLength(127)
    expect(tip.endsWith('…')).toBe(true)
  })
})

test('newer versions are looked for on the page that package.json names, over https only', () => {
  expect(releasePage({})).toBeNull()
  expect(releasePage({ homepage: 'http://example.org' })).toBeNull()
  expect(releasePage({ homepage: 'https://example.org/saddlescope' })).toBe('https://example.org/saddlescope')
  expect(releasePage({ repository: { url: 'git+https://github.com/someone/saddlescope.git' } })).toBe(
    'https://github.com/someone/saddlescope/releases'
  )
  expect(releasePage({ repository: 'file:///etc/passwd', homepage: 'javascript:alert(1)' })).toBeNull()
})
