// The example of docs/studies.md, as a reader copies it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { StudyDetails } from '../../src/shared/studies/answers'
import { removeFolder, temporaryFolder, writeSpec } from '../integration/cli/saddlescope'
import { studied } from '../integration/cli/studies'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))
const here = ['--workspace', join(folder, 'workspace')]

test('the example of the docs runs as it stands', async () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'studies.md'), 'utf8')
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '') as unknown
  const { status, stderr } = await studied(writeSpec(folder, example, 'example.json'), '--jobs', '2', ...here)
  expect(stderr).toMatch(/12\/12/)
  expect(status).toBe(0)
  const details = JSON.parse((await studied('show', 'example', '--json', ...here)).stdout) as StudyDetails
  expect(details.table.map(({ values }) => Object.values(values))).toEqual([
    [0.5, 0.01],
    [0.5, 0.1],
    [0.5, 1],
    [1, 0.01],
    [1, 0.1],
    [1, 1]
  ])
  expect(details.spec.select).toEqual({ metric: 'valLoss', goal: 'min', at: 'last' })
})
