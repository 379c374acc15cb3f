// An engine process is told to stop before it is killed; one that ends without a word has a cause.
import { afterEach, expect, test, vi } from 'vitest'
import type { Task } from '../../../src/engine-process/messages'
import { causeOf, superviseEngine } from '../../../src/workbench/supervise'
import { fakeLauncher } from './fake-engine'

const task: Task = { kind: 'run', workspace: '/w', id: 'a', allowOtherBackend: false, threads: null }
afterEach(() => void vi.useRealTimers())

test('the task goes out when the process listens, and a stop that came before right after it', async () => {
  const { launch, engines } = fakeLauncher()
  const engine = superviseEngine(launch, task, () => undefined)
  engine.stop('paused')
  engines[0].received.length = 0
  engines[0].say({ type: 'hello' })
  expect(engines[0].received).toEqual([
    { type: 'start', task },
    { type: 'stop', as: 'paused' }
  ])
  engines[0].say({ type: 'run-ended', state: 'paused', step: 3, message: null })
  engines[0].exit()
  expect(await engine.ended).toEqual({ kind: 'run', state: 'paused', step: 3, message: null })
})

test('a stop that is not heard becomes a kill after the grace', async () => {
  vi.useFakeTimers()
  const { launch, engines } = fakeLauncher()
  const engine = superviseEngine(launch, task, () => undefined, 1000)
  engines[0].say({ type: 'hello' })
  engine.stop('interrupted')
  vi.advanceTimersByTime(999)
  expect(engines[0].killed).toBe(false)
  vi.advanceTimersByTime(1)
  expect(engines[0].killed).toBe(true)
  expect(await engine.ended).toMatchObject({ kind: 'crash', cause: expect.stringMatching(/SIGKILL/) })
})

test('a process that stopped in time is not killed later', async () => {
  vi.useFakeTimers()
  const { launch, engines } = fakeLauncher()
  const engine = superviseEngine(launch, task, () => undefined, 1000)
  engine.stop('interrupted')
  engines[0].say({ type: 'run-ended', state: 'interrupted', step: 1, message: null })
  engines[0].exit()
  await engine.ended
  vi.advanceTimersByTime(5000)
  expect(engines[0].killed).toBe(false)
})

test('causes of an end without a word', () => {
  const exit = { code: null, signal: null, output: '' }
  expect(causeOf({ ...exit, signal: 'SIGABRT', output: 'FATAL ERROR: JavaScript heap out of memory' })).toMatch(/^out of memory/)
  expect(causeOf({ ...exit, signal: 'SIGKILL' })).toMatch(/killed \(SIGKILL\)/)
  expect(causeOf({ ...exit, signal: 'SIGSEGV' })).toMatch(/unexpectedly by SIGSEGV$/)
  expect(causeOf({ ...exit, code: 0 })).toMatch(/ended without a word, as one that is killed does/)
  expect(causeOf({ ...exit, code: 7, output: 'a\nlast words' })).toMatch(/with code 7: last words$/)
  expect(causeOf({ ...exit, output: 'could not be started: ENOENT' })).toBe('the engine process could not be started: ENOENT')
})
