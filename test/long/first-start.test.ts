// The first start in an empty workspace: the demonstration is trained to its end and told of, step by step.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeLauncher, openWorkbench } from '../../src/workbench'
import { startDemoIfEmpty } from '../../src/workbench/demo'
import { engineProgram } from '../integration/workbench/real-engines'

const launch = nodeLauncher(engineProgram)

describe('the first start', () => {
  test('trains the demonstration in an empty workspace and tells of every step and the checks', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'saddlescope-first-'))
    const first = await openWorkbench({ workspace: empty, launch })
    try {
      const lines: string[] = []
      const demo = await startDemoIfEmpty(first, (text) => lines.push(text))
      expect(demo).not.toBe(null)
      await demo?.told
      const steps = lines.filter((line) => /^ +\d+ /.test(line)).map((line) => Number(line.trim().split(/\s+/)[0]))
      expect(steps).toEqual(Array.from({ length: 40 }, (_, k) => k + 1))
      expect(lines.at(-2)).toMatch(/^done after step 40; saved in /)
      expect(lines.at(-1)).toMatch(/^checks of the spectrum at step 40 passed: symmetry .*, trace .*, residual /)
      expect(await startDemoIfEmpty(first, () => undefined)).toBe(null)
    } finally {
      await first.close()
      rmSync(empty, { recursive: true, force: true })
    }
  })
})
