// 100,000 damaged files against every reader of foreign data: refused in one sentence or read, in bounded time and memory.
import type { Bench, Row } from './index'
import { fuzz } from './fuzz/run'

export const fuzzBench: Bench = {
  describe: 'damaged and hostile files against every reader (10⁵ cases)',
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
    note(
      `memory grew by ${((process.memoryUsage().rss - before) / 2 ** 20).toFixed(0)} MiB; peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`
    )
    if (violations > 0) throw new Error(`${violations} cases did not end in one sentence that names the file`)
    return rows
  }
}
