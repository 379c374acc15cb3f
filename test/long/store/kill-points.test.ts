// Kills and system errors at every single file operation of a run's life.
import { describe, expect, it } from 'vitest'
import { failEverywhere, killEverywhere } from '../../unit/store/run-folder/kill-points'

describe('every file operation', () => {
  it('a kill there is survived', async () => {
    const { kills, operations } = await killEverywhere(1, 1)
    expect(kills).toBeGreaterThan(operations * 0.9)
  })

  it.each(['ENOSPC', 'EIO', 'EACCES'])('%s there is waited out or said in a sentence', async (code) => {
    expect((await failEverywhere(code, 1, 1)).waited).toBeGreaterThan(50)
  })
})
