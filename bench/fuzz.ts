// 100,000 damaged files against every reader of foreign data: refused in one sentence or read, in bounded time and memory. And thousands of honest files
// that NumPy, pandas and Python's csv module write: read to the values that their own readers give, or refused.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Row } from './bench'
import { compareCsv, compareNpy, type CsvCase, type NpyCase } from './fuzz/differential'
import { fuzz } from './fuzz/run'
import { runPython } from './python'

interface WriterCount {
  cases: number
  accepted: number
  refused: number
  /** Files of which a value is not what the writer's own reader gives. */
  readonly violations: string[]
}

/** About `total` files by writer; null where there is no Python with NumPy and pandas (`note` says so). */
async function differential(
  total: number,
  seed: number,
  signal: AbortSignal | undefined,
  note: (text: string) => void
): Promise<Map<string, WriterCount> | null> {
  const input = { seed, npy: Math.round(total / 2), csv: Math.round(total / 2) }
  const written = await runPython('differential.py', { input, needs: ['numpy', 'pandas'], signal })
  if ('missing' in written) {
    note(written.missing)
    return null
  }
  const counts = new Map<string, WriterCount>()
  const folder = mkdtempSync(join(tmpdir(), 'saddlescope-differential-'))
  try {
    for (const row of written.rows) {
      const one = row as ({ readonly kind: 'npy' } & NpyCase) | ({ readonly kind: 'csv' } & CsvCase)
      const outcome = one.kind === 'npy' ? compareNpy(one) : await compareCsv(one, folder)
      const count = counts.get(one.writer) ?? { cases: 0, accepted: 0, refused: 0, violations: [] }
      counts.set(one.writer, count)
      count.cases++
      if (outcome.kind === 'equal') count.accepted++
      else if (outcome.kind === 'refused') count.refused++
      else count.violations.push(`${one.writer}, seed ${seed}, ${one.variant}: ${outcome.how}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return counts
}

export const fuzzBench: Bench = {
  describe: 'damaged and hostile files against every reader (10⁵ cases), and files of NumPy, pandas and csv by value',
  async run({ long, signal, report, note }) {
    const before = process.memoryUsage().rss
    const counts = await fuzz(long ? 1_000_000 : 100_000, 1, signal)
    const rows: Row[] = []
    let violations = 0
    for (const { target, cases, accepted, refused, slowestMilliseconds, violations: found } of counts) {
      const row = { target, cases, accepted, refused, violations: found.length, slowestMilliseconds }
      for (const violation of found.slice(0, 5)) note(violation)
      violations += found.length
      rows.push(row)
      report(row)
    }
    for (const [writer, count] of (await differential(long ? 40_000 : 4000, 1, signal, note)) ?? []) {
      const { cases, accepted, refused, violations: found } = count
      const row = { target: `${writer}, values compared`, cases, accepted, refused, violations: found.length, slowestMilliseconds: null }
      for (const violation of found.slice(0, 5)) note(violation)
      violations += found.length
      rows.push(row)
      report(row)
    }
    note(
      `memory grew by ${((process.memoryUsage().rss - before) / 2 ** 20).toFixed(0)} MiB; peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`
    )
    if (violations > 0) throw new Error(`${violations} cases did not end in one sentence that names the file, or in the right values`)
    return rows
  }
}
