// `report dynamics` at its tiny scale: killed and called again every run and analysis is there once, and its tables are the analyses' own figures.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeFolder, saddlescope, start, temporaryFolder } from '../integration/cli/saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const order = ['report', 'dynamics', '--scale', 'tiny', '--json', '--out', join(folder, 'page.html'), '--workspace', workspace]
const analyses = (run: string) => readdirSync(join(workspace, 'runs', run, 'analyses')).filter((name) => !name.startsWith('.'))
afterAll(() => removeFolder(folder))

test('is made once, whatever was killed, and says what the analyses hold', async () => {
  const first = start(order)
  await expect.poll(() => existsSync(join(workspace, 'runs', 'dynamics-tiny-net1-gd-2-seed0', 'analyses')), { timeout: 240_000 }).toBe(true)
  first.kill('SIGKILL')
  await first.ended
  const { status, stdout, stderr } = await saddlescope(...order)
  expect(status, stderr).toBe(0)
  const { findings, runs } = JSON.parse(stdout) as { findings: string[]; runs: { id: string }[] }
  expect(runs.length).toBe(2 * 4 * 3 + 2 + 6)
  expect(findings.some((sentence) => sentence.startsWith('Is training chaotic?'))).toBe(true)
  expect(findings).toContain('All checks of all analyses hold.')
  const [head, ...lines] = readFileSync(join(folder, 'page-data', 'exponents.csv'), 'utf8')
    .trim()
    .split('\r\n')
  const [run, largest] = ['run', 'largest'].map((name) => head.split(',').indexOf(name))
  const measured = lines.map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)).filter((cells) => cells[largest] !== '')
  expect(measured.length).toBeGreaterThan(12)
  for (const cells of measured) {
    const [name, ...more] = analyses(cells[run])
    expect(more).toEqual([])
    const { figures } = JSON.parse(readFileSync(join(workspace, 'runs', cells[run], 'analyses', name, 'manifest.json'), 'utf8')) as {
      figures: { largest: number }
    }
    expect(Number(cells[largest])).toBe(figures.largest)
  }
}, 600_000)
