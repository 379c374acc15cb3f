// C_{p,q} (+)= A_p · B_q for all p and q: the B_q are packed once a group, each A_p once a group, and C is written directly.
import { blockDepth, blockRows } from '../control'
import { task, type Team } from '../team'

export interface OuterBatch {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: number
  readonly aStride: number
  readonly aStep: number
  readonly aCount: number
  readonly b: number
  readonly bStride: number
  readonly bStep: number
  readonly bCount: number
  readonly c: number
  readonly cStride: number
  readonly stepA: number
  readonly stepB: number
  readonly accumulate: number
  /** 1: rows r ≥ p of C_{p,q} alone. */
  readonly upper: number
  /** Shared memory for packed factors: outerBatchWorkspace(…) bytes. */
  readonly workspace: number
}

/** Bytes of one packed B_q. */
function packedBytes(n: number, k: number): number {
  return 8 * 4 * Math.ceil(n / 4) * k
}

/** How many B_q are packed at a time: about 4 MiB. */
function groupSize(n: number, k: number, count: number): number {
  return Math.max(1, Math.min(count, Math.floor((4 * 1024 * 1024) / Math.max(1, packedBytes(n, k)))))
}

export function outerBatchWorkspace(n: number, k: number, count: number): number {
  return packedBytes(n, k) * groupSize(n, k, count)
}

const names = [
  'm',
  'n',
  'k',
  'a',
  'aStride',
  'aStep',
  'aCount',
  'b',
  'bStride',
  'bStep',
  'bCount',
  'c',
  'cStride',
  'stepA',
  'stepB',
  'accumulate',
  'upper',
  'workspace',
  'from',
  'to',
  'chunk'
] as const

/** Packs B_from … B_{to−1}, depth block by depth block. */
export const packFactors = task(names, (on, p) => {
  for (let q = p.from + on.nextTile(); q < p.to; q = p.from + on.nextTile()) {
    let target = p.workspace + (q - p.from) * packedBytes(p.n, p.k)
    for (let depth0 = 0; depth0 < p.k; depth0 += blockDepth) {
      const depth = Math.min(blockDepth, p.k - depth0)
      on.kernels.pack(p.n, depth, p.b + 8 * (q * p.bStep + depth0 * p.bStride), 1, p.bStride, target, 1)
      target += packedBytes(p.n, depth)
    }
  }
})

/** A tile is one A_p with `chunk` of the packed B_q. */
export const multiplyFactors = task(names, (on, p) => {
  const chunks = Math.ceil((p.to - p.from) / p.chunk)
  for (let tile = on.nextTile(); tile < chunks * p.aCount && !on.cancelled(); tile = on.nextTile()) {
    const i = Math.floor(tile / chunks)
    const first = p.from + (tile % chunks) * p.chunk
    const end = Math.min(p.to, first + p.chunk)
    for (let depth0 = 0; depth0 < p.k; depth0 += blockDepth) {
      const depth = Math.min(blockDepth, p.k - depth0)
      const accumulate = p.accumulate !== 0 || depth0 > 0 ? 1 : 0
      for (let row = p.upper ? i : 0; row < p.m; row += blockRows) {
        const rows = Math.min(blockRows, p.m - row)
        on.kernels.pack(rows, depth, p.a + 8 * (i * p.aStep + row * p.aStride + depth0), p.aStride, 1, on.packedA, 1)
        for (let q = first; q < end; q++) {
          const b = p.workspace + (q - p.from) * packedBytes(p.n, p.k) + packedBytes(p.n, depth0)
          const c = p.c + 8 * (i * p.stepA + q * p.stepB + row * p.cStride)
          on.kernels.multiplyBlock(rows, p.n, depth, on.packedA, b, c, p.cStride, accumulate, 0, 0, 0, on.spill)
        }
        if (on.cancelled()) return
      }
    }
    on.work(2e-6 * Math.max(0, p.m - (p.upper ? i : 0)) * p.n * p.k * (end - first))
  }
})

/** Writes zeros where an empty product (k = 0) is asked to overwrite. */
function clearProducts(team: Team, batch: OuterBatch): void {
  for (let p = 0; p < batch.aCount; p++)
    for (let q = 0; q < batch.bCount; q++)
      for (let row = batch.upper ? p : 0; row < batch.m; row++)
        team.kernels.scaleBlock(1, batch.n, 0, batch.c + 8 * (p * batch.stepA + q * batch.stepB + row * batch.cStride), batch.cStride)
}

export function gemmOuterBatch(team: Team, batch: OuterBatch): void {
  const skipped = batch.upper ? (batch.aCount - 1) / 2 : 0
  const megaflops = 2e-6 * (batch.m - skipped) * batch.n * batch.k * batch.aCount * batch.bCount
  team.expect(megaflops)
  if (batch.k === 0) {
    if (batch.accumulate === 0) clearProducts(team, batch)
    return
  }
  const group = groupSize(batch.n, batch.k, batch.bCount)
  for (let from = 0; from < batch.bCount; from += group) {
    const to = Math.min(batch.bCount, from + group)
    // With few A_p, several threads share each of them.
    const chunks = Math.ceil((4 * team.threads) / batch.aCount)
    const input = { ...batch, from, to, chunk: Math.ceil((to - from) / chunks) }
    team.run(packFactors, input, megaflops > 4)
    team.run(multiplyFactors, input, megaflops > 4)
  }
}
