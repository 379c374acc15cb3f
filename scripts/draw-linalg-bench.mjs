// Draws docs/pictures/linalg-bench.svg and writes the table into docs/numerics.md from the rows of `bench linalg --json`: node scripts/draw-linalg-bench.mjs ROWS.json
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const all = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const routines = ['gemm', 'syrk', 'cholesky', 'eigenvalues', 'eigen-vectors', 'least-squares']
/** The rows by turns with SciPy are told in words. */
const rows = all.filter(({ routine }) => routines.includes(routine))
const names = [...new Set(rows.map((row) => `${row.backend} ${row.threads}`))]
const title = (name) => {
  const [backend, threads] = name.split(' ')
  if (backend === 'mathjs' || backend === 'ml-matrix') return backend
  return `${backend.replace('lapack-bundled', 'OpenBLAS fetched').replace('lapack-system', 'lapack of the system')}, ${threads} thread${threads === '1' ? '' : 's'}`
}
const colours = {
  'wasm 1': '#7fb3c8',
  'wasm 2': '#0b6e99',
  'lapack-bundled 2': '#c4501b',
  'lapack-system 2': '#c99a1b',
  'scipy 2': '#555555',
  'ml-matrix 1': '#6b4fa0',
  'mathjs 1': '#3d8b37'
}
const colour = (name, at) => colours[name] ?? ['#0b6e99', '#c4501b', '#555555', '#6b4fa0', '#3d8b37', '#999999'][at % 6]

const [panelWidth, panelHeight, gap] = [300, 200, 56]
const [least, most] = [0.01, 200]
const x = (n, orders) =>
  ((Math.log(n) - Math.log(orders[0])) / (Math.log(orders.at(-1)) - Math.log(orders[0]) || 1)) * (panelWidth - 20) + 10
const y = (gflops) =>
  panelHeight - ((Math.log10(Math.max(least, gflops)) - Math.log10(least)) / (Math.log10(most) - Math.log10(least))) * panelHeight
const text = (px, py, words, anchor = 'middle', size = 12) =>
  `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" text-anchor="${anchor}" font-size="${size}" fill="#333333">${words}</text>`

function panel(routine, index) {
  const orders = [...new Set(rows.map((row) => row.n))].sort((a, b) => a - b)
  const [left, top] = [60 + (index % 3) * (panelWidth + gap), 40 + Math.floor(index / 3) * (panelHeight + gap + 10)]
  const parts = [`<g transform="translate(${left} ${top})">`, text(panelWidth / 2, -10, routine, 'middle', 14)]
  for (const gflops of [0.01, 0.1, 1, 10, 100])
    parts.push(
      `<line x1="0" x2="${panelWidth}" y1="${y(gflops).toFixed(1)}" y2="${y(gflops).toFixed(1)}" stroke="#dddddd"/>`,
      text(-6, y(gflops) + 4, gflops, 'end', 11)
    )
  for (const n of orders) parts.push(text(x(n, orders), panelHeight + 16, n, 'middle', 11))
  names.forEach((name, at) => {
    const points = rows.filter((row) => row.routine === routine && `${row.backend} ${row.threads}` === name).sort((a, b) => a.n - b.n)
    const places = points.map((row) => `${x(row.n, orders).toFixed(1)},${y(row.gflops).toFixed(1)}`)
    if (places.length > 1) parts.push(`<polyline points="${places.join(' ')}" fill="none" stroke="${colour(name, at)}" stroke-width="2"/>`)
    for (const place of places)
      parts.push(`<circle cx="${place.split(',')[0]}" cy="${place.split(',')[1]}" r="3" fill="${colour(name, at)}"/>`)
  })
  return `${parts.join('')}</g>`
}

const [width, height] = [60 + 3 * (panelWidth + gap), 90 + 2 * (panelHeight + gap + 10)]
const legend = names.map(
  (name, at) =>
    `<circle cx="${70 + at * 165}" cy="${height - 24}" r="5" fill="${colour(name, at)}"/>${text(80 + at * 165, height - 20, title(name), 'start')}`
)
writeFileSync(
  join(root, 'docs', 'pictures', 'linalg-bench.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" role="img" aria-label="GFlop/s of dense routines by order and backend"><rect width="100%" height="100%" fill="#ffffff"/>${routines.map(panel).join('')}${legend.join('')}${text(width - 40, height - 20, 'GFlop/s (logarithmic) against n', 'end')}</svg>\n`
)

const cell = (row) =>
  row
    ? `${row.seconds < 0.1 ? (row.seconds * 1000).toFixed(1) + ' ms' : row.seconds.toFixed(2) + ' s'} (${row.gflops < 1 ? row.gflops.toFixed(2) : row.gflops.toFixed(1)})`
    : ''
const lines = [`| routine | n | ${names.map(title).join(' | ')} |`, `|---|---|${names.map(() => '---|').join('')}`]
for (const routine of routines)
  for (const n of [...new Set(rows.filter((row) => row.routine === routine).map((row) => row.n))].sort((a, b) => a - b)) {
    const cells = names.map((name) =>
      cell(rows.find((row) => row.routine === routine && row.n === n && `${row.backend} ${row.threads}` === name))
    )
    lines.push(`| ${routine} | ${n} | ${cells.join(' | ')} |`)
  }
const page = join(root, 'docs', 'numerics.md')
const [before, rest] = readFileSync(page, 'utf8').split('<!-- table of bench linalg -->\n')
const after = rest.slice(rest.indexOf('<!-- end of the table -->'))
writeFileSync(page, `${before}<!-- table of bench linalg -->\n${lines.join('\n')}\n${after}`)
