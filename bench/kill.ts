// Two hundred kills: training in child processes, SIGKILL at random moments, resumed, bit by bit the same as undisturbed.
import type { Bench, Row } from './bench'
import { optimizerKinds } from '../src/shared/spec/optimizers'
import { killAndCompare, seededRandom } from './kill-harness'

export const killBench: Bench = {
  describe: 'kills at random moments, and whether the resumed run is bit-identical (--long: 200 kills)',
  async run({ long, report, note, signal }) {
    const rows: Row[] = []
    const each = Math.ceil((long ? 200 : 24) / optimizerKinds.length)
    for (const [k, optimizer] of optimizerKinds.entries()) {
      if (signal?.aborted) throw signal.reason
      const began = Date.now()
      const { kills, runs, faults } = await killAndCompare({ kind: optimizer, kills: each, random: seededRandom(k + 1) })
      const row = { optimizer, kills, runs, identical: faults.length === 0, seconds: (Date.now() - began) / 1000 }
      for (const fault of faults) note(`${optimizer}: ${fault}`)
      report(row)
      rows.push(row)
    }
    note(
      `${rows.reduce((sum, row) => sum + Number(row.kills), 0)} kills, ${rows.filter((row) => !row.identical).length} optimizers with a difference`
    )
    return rows
  }
}
