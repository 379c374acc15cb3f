// Draws the pictures of docs/finite-difference-newton.md from the engine itself and prints the figures its text names: node scripts/draw-fd-newton.mjs [--check]. With --check nothing is written, and a picture that would change is an error.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const load = async (path) => (await runnerImport(join(root, path))).module
const { play } = await load('src/engine/training/play.ts')
const { linearRegression } = await load('src/engine/functions/built-in.ts')
const { fdSweep } = await load('src/engine/curvature/inverse-gradient/index.ts')
const { createNetwork } = await load('src/engine/nn/network.ts')
const { drawParameters } = await load('src/engine/nn/parameters.ts')
const { networkObjective } = await load('src/engine/objectives/network.ts')
const { fillNormal, randomStream } = await load('src/engine/random/index.ts')
const { optimizerSchema } = await load('src/shared/spec/schema.ts')
const { openPlain } = await load('test/reference/linalg/plain.ts')

const context = { linalg: openPlain() }
const [width, height] = [720, 440]
const frame = { left: 76, right: 20, top: 28, bottom: 56 }
const colours = { newton: '#0b6e99', descent: '#c4501b', third: '#6b4fa0', grid: '#d8d8d8', text: '#333333' }

/** A scale from data to pixels; logarithmic where asked. */
function scale(least, most, from, to, logarithmic) {
  const value = logarithmic ? Math.log10 : (x) => x
  const [a, b] = [value(least), value(most)]
  return (x) => from + ((value(x) - a) / (b - a)) * (to - from)
}

const xScale = (least, most, logarithmic) => scale(least, most, frame.left, width - frame.right, logarithmic)
const yScale = (least, most, logarithmic) => scale(least, most, height - frame.bottom, frame.top, logarithmic)
const round = (x) => x.toFixed(1)
const line = (points, colour, extra = '') =>
  `<polyline points="${points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2" ${extra}/>`
const dots = (points, colour) => points.map(([x, y]) => `<circle cx="${round(x)}" cy="${round(y)}" r="3.2" fill="${colour}"/>`).join('')
const label = (x, y, text, anchor = 'middle', colour = colours.text) =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}" font-family="sans-serif" font-size="14">${text}</text>`
const power = (exponent) => `10<tspan dy="-5" font-size="10">${exponent}</tspan>`

function axes(x, y, xTicks, yTicks, xName, yName) {
  const bottom = height - frame.bottom
  const parts = xTicks.map(
    ([value, text]) =>
      `<line x1="${round(x(value))}" x2="${round(x(value))}" y1="${frame.top}" y2="${bottom}" stroke="${colours.grid}"/>${label(x(value), bottom + 20, text)}`
  )
  for (const [value, text] of yTicks)
    parts.push(
      `<line x1="${frame.left}" x2="${width - frame.right}" y1="${round(y(value))}" y2="${round(y(value))}" stroke="${colours.grid}"/>${label(frame.left - 8, y(value) + 5, text, 'end')}`
    )
  parts.push(label((frame.left + width - frame.right) / 2, height - 14, xName))
  parts.push(`<g transform="rotate(-90 20 ${height / 2})">${label(20, height / 2, yName)}</g>`)
  return parts.join('\n')
}

function write(name, title, body) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title>\n<rect width="${width}" height="${height}" fill="#ffffff"/>\n${body}\n</svg>\n`
  const path = join(root, 'docs', 'pictures', name)
  if (!process.argv.includes('--check')) writeFileSync(path, svg)
  else if (readFileSync(path, 'utf8') !== svg)
    throw new Error(`docs/pictures/${name} is not what the engine draws: run scripts/draw-fd-newton.mjs`)
}

/** Segments of the level line f = level on a grid (marching squares). */
function contour(f, [x0, x1], [y0, y1], level, cells = 120) {
  const at = (i, j) => f([x0 + ((x1 - x0) * i) / cells, y0 + ((y1 - y0) * j) / cells]) - level
  const segments = []
  for (let i = 0; i < cells; i++)
    for (let j = 0; j < cells; j++) {
      const corners = [
        [i, j],
        [i + 1, j],
        [i + 1, j + 1],
        [i, j + 1]
      ]
      const crossings = []
      corners.forEach(([a, b], k) => {
        const [c, d] = corners[(k + 1) % 4]
        const [p, q] = [at(a, b), at(c, d)]
        if (p > 0 === q > 0) return
        const t = p / (p - q)
        crossings.push([x0 + ((x1 - x0) * (a + t * (c - a))) / cells, y0 + ((y1 - y0) * (b + t * (d - b))) / cells])
      })
      for (let k = 0; k + 1 < crossings.length; k += 2) segments.push([crossings[k], crossings[k + 1]])
    }
  return segments
}

async function rosenbrock() {
  const [newton, descent] = await play(context, {
    function: 'rosenbrock',
    start: [-1.2, 1],
    optimizers: [
      optimizerSchema.parse({ kind: 'fd-newton', learningRate: 1, mode: 'finite-difference', r: 1e-6 }),
      optimizerSchema.parse({ kind: 'gd', learningRate: 0.002 })
    ],
    steps: 7
  })
  const [rangeX, rangeY] = [
    [-2, 2],
    [-3.5, 3]
  ]
  const [x, y] = [xScale(...rangeX), yScale(...rangeY)]
  const f = ([a, b]) => (1 - a) ** 2 + 100 * (b - a * a) ** 2
  const levels = [0.3, 1, 3, 10, 30, 100, 300, 1000].flatMap((level) => contour(f, rangeX, rangeY, level))
  const path = levels.map(([a, b]) => `M${round(x(a[0]))},${round(y(a[1]))}L${round(x(b[0]))},${round(y(b[1]))}`).join('')
  const ticks = (values) => values.map((value) => [value, String(value)])
  const draw = ({ points }, colour) => {
    const shown = points.map(([a, b]) => [x(a), y(b)])
    return line(shown, colour) + dots(shown, colour)
  }
  const body = [
    axes(x, y, ticks([-2, -1, 0, 1, 2]), ticks([-3, -2, -1, 0, 1, 2, 3]), 'x', 'y'),
    `<path d="${path}" stroke="#9a9a9a" stroke-width="0.8" fill="none"/>`,
    `<clipPath id="area"><rect x="${frame.left}" y="${frame.top}" width="${width - frame.left - frame.right}" height="${height - frame.top - frame.bottom}"/></clipPath>`,
    `<g clip-path="url(#area)">${draw(descent, colours.descent)}${draw(newton, colours.newton)}</g>`,
    label(width - 30, height - 90, 'FD-Newton, 7 steps', 'end', colours.newton),
    label(width - 30, height - 70, 'gradient descent, 7 steps', 'end', colours.descent)
  ]
  write(
    'rosenbrock-fd-newton.svg',
    'Rosenbrock: FD-Newton reaches the minimum in seven steps, gradient descent bounces across the valley',
    body.join('\n')
  )
  return { newton: newton.values.at(-1), descent: descent.values.at(-1) }
}

function regression() {
  const f = linearRegression()
  const n = f.solution.length
  const start = Math.hypot(...f.solution)
  const errorOf = (w) => Math.hypot(...w.map((value, i) => value - f.solution[i])) / start
  const gradient = new Float64Array(n)
  const hessian = new Float64Array(n * n)
  f.hessian(gradient, hessian)
  // Largest eigenvalue by the power method: the learning rate is 1.9 over it, close to the largest stable one.
  let v = new Float64Array(n).fill(1)
  let largest = 0
  for (let k = 0; k < 500; k++) {
    const next = v.map((_, i) => v.reduce((sum, value, j) => sum + hessian[i * n + j] * value, 0))
    largest = Math.hypot(...next)
    v = next.map((value) => value / largest)
  }
  const descent = []
  const w = new Float64Array(n)
  for (let step = 1; step <= 50_000; step++) {
    f.gradient(w, gradient)
    for (let i = 0; i < n; i++) w[i] -= (1.9 / largest) * gradient[i]
    if (step % Math.ceil(step / 40) === 0) descent.push([step, errorOf(w)])
  }
  const relaxed = []
  const u = new Float64Array(n)
  for (let step = 1; step <= 500; step++) {
    f.gradient(u, gradient)
    const direction = f.inverse.derivative(u, gradient)
    for (let i = 0; i < n; i++) u[i] -= 0.05 * direction[i]
    if (step % Math.ceil(step / 40) === 0) relaxed.push([step, errorOf(u)])
  }
  const [x, y] = [xScale(1, 60_000, true), yScale(1e-12, 2, true)]
  const body = [
    axes(
      x,
      y,
      [0, 1, 2, 3, 4].map((e) => [10 ** e, power(e)]),
      [0, -3, -6, -9, -12].map((e) => [10 ** e, power(e)]),
      'step',
      'distance from the solution, relative'
    ),
    line(
      descent.map(([s, e]) => [x(s), y(e)]),
      colours.descent
    ),
    line(
      relaxed.map(([s, e]) => [x(s), y(Math.max(e, 1e-12))]),
      colours.newton
    ),
    label(width - 40, y(descent.at(-1)[1]) - 12, '50,000 gradient steps', 'end', colours.descent),
    label(x(420), y(1e-9), '500 relaxed steps, α = 0.05', 'end', colours.newton)
  ]
  write('linear-regression-fd-newton.svg', 'Linear regression 100 × 100: 500 relaxed steps against 50,000 gradient steps', body.join('\n'))
  return { descent: descent.at(-1)[1], relaxed: relaxed.at(-1)[1] }
}

async function sweepOf(activation) {
  const network = createNetwork({ layers: [40, 10], activation, outputActivation: null, bias: false }, 'half-sse')
  const random = randomStream(0, 'sweep')
  const parameters = drawParameters(network, { kind: 'fan-in-normal', gain: 0.3 }, random)
  const matrix = (rows, columns, size) => ({
    data: fillNormal(random, new Float64Array(rows * columns), size),
    rows,
    columns,
    offset: 0,
    stride: columns
  })
  const batch = { inputs: matrix(25, 40, 1), targets: matrix(25, 10, 0.3) }
  return fdSweep(networkObjective(context, network, 'half-sse', batch), parameters)
}

async function sweeps() {
  const [tanh, leaky] = [await sweepOf({ kind: 'tanh' }), await sweepOf({ kind: 'leaky-relu', slope: 0.5 })]
  const [x, y] = [xScale(1e-14, 0.2, true), yScale(1e-16, 10, true)]
  const draw = (rows, side, colour, dashes = '') => {
    const points = rows.filter((row) => row[side] !== null && row[side] > 0).map((row) => [x(row.r), y(row[side])])
    return line(points, colour, dashes) + dots(points, colour)
  }
  const body = [
    axes(
      x,
      y,
      [-14, -11, -8, -5, -2].map((e) => [10 ** e, power(e)]),
      [-15, -12, -9, -6, -3, 0].map((e) => [10 ** e, power(e)]),
      'r',
      'error against the limit, relative'
    ),
    draw(tanh, 'oneSided', colours.descent, 'stroke-dasharray="6 4"'),
    draw(tanh, 'twoSided', colours.newton),
    draw(leaky, 'twoSided', colours.third),
    label(frame.left + 330, 46, 'tanh, one-sided', 'start', colours.descent),
    label(frame.left + 330, 66, 'tanh, two-sided', 'start', colours.newton),
    label(frame.left + 330, 86, 'leaky ReLU, two-sided', 'start', colours.third)
  ]
  write('fd-sweep.svg', 'The differencing error over r: a V for tanh, rounding alone for leaky ReLU', body.join('\n'))
  const best = (rows, side) => rows.reduce((least, row) => (row[side] !== null && row[side] < least[side] ? row : least))
  return { twoSided: best(tanh, 'twoSided'), oneSided: best(tanh, 'oneSided') }
}

process.stdout.write(`${JSON.stringify({ rosenbrock: await rosenbrock(), regression: regression(), sweep: await sweeps() }, null, 2)}\n`)
