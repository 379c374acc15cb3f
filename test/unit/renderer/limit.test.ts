// A limit on calls: never more at once, in order, none that was given up, and a failed one makes room.
import { expect, it } from 'vitest'
import { createLimit } from '../../../src/renderer/app/limit'

it('makes at most so many calls at once, in the order of their asking', async () => {
  const limited = createLimit(3)
  let running = 0
  let most = 0
  const begun: number[] = []
  const calls = Array.from({ length: 20 }, (_, i) =>
    limited(async () => {
      begun.push(i)
      most = Math.max(most, ++running)
      await new Promise((done) => setTimeout(done, i % 4))
      running--
      if (i % 5 === 0) throw new Error('failed')
      return i
    }, undefined)
  )
  const results = await Promise.allSettled(calls)
  expect(most).toBe(3)
  expect(begun).toEqual(Array.from({ length: 20 }, (_, i) => i))
  expect(results.filter((result) => result.status === 'fulfilled').length).toBe(16)
})

it('never makes a call that was given up while it waited', async () => {
  const limited = createLimit(1)
  let release = () => {}
  const first = limited(() => new Promise<void>((done) => (release = done)), undefined)
  const controller = new AbortController()
  let made = 0
  const second = limited(() => Promise.resolve(made++), controller.signal)
  const third = limited(() => Promise.resolve('third'), undefined)
  controller.abort()
  release()
  await first
  await expect(second).rejects.toThrow('cancelled')
  expect(await third).toBe('third')
  expect(made).toBe(0)
})
