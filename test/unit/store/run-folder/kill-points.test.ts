// Kills and system errors at a sample of all file operations of a run's life; test/long takes every one of them.
import { describe, expect, it } from 'vitest'
import { failEverywhere, killEverywhere } from './kill-points'

describe('a run whose process is killed between or during file operations', () => {
  it('resumes to the same bytes', async () => {
    const { kills, operations } = await killEverywhere(3, 29)
    expect(operations).toBeGreaterThan(150)
    expect(kills).toBeGreaterThan(operations / 35)
  }, 60_000)
})

describe('a run whose disk fails once', () => {
  it.each([
    ['ENOSPC', 2],
    ['EIO', 9],
    ['EACCES', 16]
  ])(
    '%s: waits, goes on when told to, and ends with the same bytes',
    async (code, first) => {
      expect((await failEverywhere(code, first, 37)).waited).toBeGreaterThan(1)
    },
    60_000
  )
})
