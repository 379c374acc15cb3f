// The pictures of docs/finite-difference-newton.md against the engine that draws them, and the figures in its text against theirs.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

test('the pictures of finite-difference Newton are what the engine draws, and the page names their figures', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'scripts', 'draw-fd-newton.mjs'), '--check'], {
    encoding: 'utf8'
  })
  const { rosenbrock, regression, sweep } = JSON.parse(stdout) as {
    rosenbrock: { newton: number; descent: number }
    regression: { descent: number; relaxed: number }
    sweep: Record<'twoSided' | 'oneSided', { r: number; twoSided: number; oneSided: number }>
  }
  const text = readFileSync(join(root, 'docs', 'finite-difference-newton.md'), 'utf8').replace(/\s+/g, ' ')
  const superscript = (exponent: number) => [...String(exponent)].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)])).join('')
  const rounded = (value: number) => {
    const [digits, exponent] = value.toExponential(0).split('e')
    return `${digits === '1' ? '' : `${digits}·`}10${superscript(Number(exponent))}`
  }
  expect(text).toContain(`seven steps end at a value of ${rounded(rosenbrock.newton)}`)
  expect(text).toContain(`is at ${rosenbrock.descent.toPrecision(2)} after as many steps`)
  expect(text).toContain(
    `0.95⁵⁰⁰ ≈ ${rounded(0.95 ** 500)} after 500 steps (the run ends at ${rounded(regression.relaxed)}, with rounding)`
  )
  expect(text).toContain('a quarter of the error is left after 50,000 steps')
  expect(regression.descent).toBeCloseTo(0.25, 1)
  const { twoSided, oneSided } = sweep
  expect(text).toContain(
    `the best two-sided error is ${rounded(twoSided.twoSided)} at \`r = ${rounded(twoSided.r)}\`, the best one-sided one ${rounded(oneSided.oneSided)} at \`r = ${rounded(oneSided.r)}\``
  )
})
