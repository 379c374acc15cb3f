// `report landscape` at its tiny scale: killed and called again every run and analysis is there once, and its tables are the analyses' own arrays.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import { removeFolder, saddlescope, start, temporaryFolder } from '../integration/cli/saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const order = ['report', 'landscape', '--scale', 'tiny', '--json', '--out', join(folder, 'page.html'), '--workspace', workspace]
const runs = ['landscape-even', 'landscape-odd', 'landscape-tiny-leaky', 'landscape-tiny-tanh']
const analyses = (run: string) => readdirSync(join(workspace, 'runs', run, 'analyses')).filter((name) => !name.startsWith('.'))
afterAll(() => removeFolder(folder))

test('is made once, whatever was killed, and says what the analyses hold', async () => {
  const first = start(order)
  await expect.poll(() => existsSync(join(workspace, 'runs', 'landscape-tiny-tanh', 'analyses')), { timeout: 120_000 }).toBe(true)
  first.kill('SIGKILL')
  await first.ended
  const { status, stdout, stderr } = await saddlescope(...order)
  expect(status, stderr).toBe(0)
  const { findings, runs: made } = JSON.parse(stdout) as { findings: string[]; runs: { id: string }[] }
  expect(made.map(({ id }) => id).sort()).toEqual(runs)
  expect(findings.some((sentence) => sentence.startsWith('Even terms only'))).toBe(true)
  expect(analyses('landscape-tiny-tanh').sort()).toEqual(['landau-0', 'landau-4', 'scales-0', 'scales-4'])
  const [head, ...lines] = readFileSync(join(folder, 'page-data', 'landau.csv'), 'utf8')
    .trim()
    .split('\r\n')
  const column = head.split(',').indexOf('eigenvalue')
  const rows = lines.map((line) => line.split(',')).filter((cells) => cells.includes('landscape-tiny-tanh') && cells[3] === '4')
  const path = join(workspace, 'runs', 'landscape-tiny-tanh', 'analyses', 'landau-4', 'eigenvalues.npy')
  expect(rows.map((cells) => Number(cells[column]))).toEqual([...toFloat64(parseNpy(readFileSync(path), path))])
  // CIFAR-100 is not in this workspace: said, not hidden.
  expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('CIFAR-100 is not installed in this workspace')
}, 300_000)
