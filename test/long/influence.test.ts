// Credit on small digits: a softmax layer at its minimum for N = 125 … 1,000, and how the errors of the orders fall with N.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeFolder, saddlescope, temporaryFolder } from '../integration/cli/saddlescope'

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => removeFolder(folder))

/** Slope of ln y over ln x by least squares. */
function exponent(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [x.map(Math.log), y.map(Math.log)]
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  return a.reduce((sum, value, i) => sum + (value - ma) * (b[i] - mb), 0) / a.reduce((sum, value) => sum + (value - ma) ** 2, 0)
}

test('predicted and actual agree in rank, and errors of order 1, 2, 3 fall as N⁻², N⁻³, N⁻⁴', async () => {
  const sizes = [125, 250, 500, 1000]
  const errors: number[][] = [[], [], []]
  for (const size of sizes) {
    const id = `softmax-${size}`
    const ran = await saddlescope('run', 'influence-softmax', '--id', id, '--workspace', folder, '--set', `data.trainLimit=${size}`)
    expect(ran.status, ran.stderr).toBe(0)
    const test = JSON.stringify(Array.from({ length: 30 }, (_, row) => row))
    const settings = ['order=3', 'retrain=24', `test=${test}`].flatMap((one) => ['--set', one])
    const { status, stdout, stderr } = await saddlescope('analyse', 'influence', id, '--json', '--workspace', folder, ...settings)
    expect(status, stderr).toBe(0)
    const { figures, checks } = JSON.parse(stdout) as { figures: Record<string, number>; checks: Record<string, { ok: boolean }> }
    expect(Object.values(checks).every(({ ok }) => ok)).toBe(true)
    expect(figures.spearman).toBeGreaterThan(0.99)
    for (const k of [0, 1, 2]) errors[k].push(figures[`error${k + 1}`])
  }
  for (const k of [0, 1, 2]) {
    const found = exponent(sizes, errors[k])
    console.log(`order ${k + 1}: errors ${errors[k].map((error) => error.toExponential(2)).join(', ')}, exponent ${found.toFixed(2)}`)
    expect(Math.abs(found + k + 2)).toBeLessThan(0.4)
  }
}, 600_000)
