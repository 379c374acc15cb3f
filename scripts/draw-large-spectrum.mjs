// Draws all eigenvalues of a folder that `hessian` wrote as a histogram, log counts over a symlog axis: node scripts/draw-large-spectrum.mjs FOLDER OUT.svg
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, out = 'large-spectrum.svg'] = process.argv.slice(2)
const bytes = readFileSync(join(folder, 'eigenvalues.full.npy'))
const headerLength = bytes.readUInt16LE(8)
if (!bytes.subarray(10, 10 + headerLength).includes("'<f8'")) throw new Error(`${folder}/eigenvalues.full.npy: must be float64`)
const data = bytes.subarray(10 + headerLength)
const values = new Float64Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length))
const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
/** Below this an eigenvalue counts as zero (docs/numerics-curvature.md, Figures). */
const zero = values.length * 2 ** -52 * largest
const linear = largest * 1e-12
const symlog = (value) => Math.sign(value) * Math.log10(1 + Math.abs(value) / linear)
const end = symlog(largest) * 1.02
const bins = 160
const counts = Array.from({ length: bins }, () => 0)
for (const value of values) counts[Math.min(bins - 1, Math.floor(((symlog(value) + end) / (2 * end)) * bins))]++
if (counts.reduce((sum, count) => sum + count, 0) !== values.length) throw new Error('some eigenvalues have no place in the histogram')

const [width, height, left, top] = [760, 300, 56, 34]
const x = (value) => left + ((symlog(value) + end) / (2 * end)) * width
const y = (count) => top + height - (Math.log10(1 + count) / Math.log10(1 + values.length)) * height
const text = (px, py, words, anchor = 'middle', size = 12) =>
  `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" text-anchor="${anchor}" font-size="${size}" fill="#333333">${words}</text>`
const parts = counts.flatMap((count, k) => {
  if (count === 0) return []
  const at = left + (k / bins) * width
  const middle = -end + ((k + 0.5) / bins) * 2 * end
  return `<rect x="${at.toFixed(1)}" y="${y(count).toFixed(1)}" width="${(width / bins + 0.2).toFixed(2)}" height="${(top + height - y(count)).toFixed(1)}" fill="${middle < 0 ? '#c4501b' : '#0b6e99'}"/>`
})
for (const count of [1, 10, 100, 1000, 10_000])
  if (count <= values.length)
    parts.push(
      `<line x1="${left}" x2="${left + width}" y1="${y(count).toFixed(1)}" y2="${y(count).toFixed(1)}" stroke="#dddddd"/>`,
      text(left - 6, y(count) + 4, count.toLocaleString('en'), 'end', 11)
    )
const powers = [0, -4, -8].map((power) => 10 ** (Math.floor(Math.log10(largest)) + power))
for (const value of [...powers.map((power) => -power), 0, ...powers])
  parts.push(text(x(value), top + height + 16, value === 0 ? '0' : value.toExponential(0), 'middle', 11))
const count = (test) => values.reduce((sum, value) => sum + (test(value) ? 1 : 0), 0).toLocaleString('en')
const words = `${values.length.toLocaleString('en')} eigenvalues: ${count((value) => value < -zero)} negative, ${count((value) => Math.abs(value) <= zero)} zero within rounding, ${count((value) => value > zero)} positive`
parts.unshift(text(left, 18, words, 'start', 14))
writeFileSync(
  out,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 20} ${top + height + 34}" font-family="system-ui, sans-serif"><rect width="100%" height="100%" fill="#ffffff"/>${parts.join('')}</svg>\n`
)
console.log(words)
