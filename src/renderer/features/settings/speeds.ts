// Backends in words: their names, their measured speeds, and the numbers of threads to choose from.
import type { BackendSpeeds, LinalgChoice } from '../../../shared/linalg-choice'
import { formatNumber } from '../../app/format'
import type { PlotTable } from '../../charts/table'

export const backendNames: Readonly<Record<LinalgChoice['backend'], string>> = {
  auto: 'Automatic',
  lapack: 'Native library',
  wasm: 'Embedded kernels'
}

export interface SpeedRow {
  readonly kind: string
  readonly name: string
  /** "37.2 GFlop/s · 0.21 s"; null where there is no such backend here. */
  readonly figures: string | null
  /** GFlop/s of the product. */
  readonly gflops: number | null
  readonly note: string
}

/** To three digits, as the speed beside it. */
const eigenText = (seconds: number) => (seconds < 1 ? `${formatNumber(1000 * seconds, 3)}\u202fms` : `${formatNumber(seconds, 3)}\u202fs`)

export function speedRows({ backends }: BackendSpeeds): SpeedRow[] {
  return backends.map(({ kind, description, problem, threads, gflops, eigenSeconds }) => {
    const measured = gflops !== null && eigenSeconds !== null
    return {
      kind,
      name: backendNames[kind],
      figures: measured ? `${formatNumber(gflops, 3)} GFlop/s · ${eigenText(eigenSeconds)}` : null,
      gflops: measured ? gflops : null,
      note: problem ?? `${description ?? ''}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
    }
  })
}

/** The figures as they were measured. */
export function speedTable({ backends, productOrder, eigenOrder }: BackendSpeeds): PlotTable {
  return {
    header: ['backend', 'GFlop/s', 'eigendecomposition in seconds', 'threads', 'description', 'problem'],
    columns: [
      backends.map(({ kind }) => kind),
      backends.map(({ gflops }) => gflops ?? NaN),
      backends.map(({ eigenSeconds }) => eigenSeconds ?? NaN),
      backends.map(({ threads }) => threads ?? NaN),
      backends.map(({ description }) => description ?? ''),
      backends.map(({ problem }) => problem ?? '')
    ],
    note: `product of order ${productOrder}, eigenvalues and vectors at n = ${eigenOrder}`
  }
}

/** 0 stands for all cores. A number that was chosen elsewhere is offered too. */
export function threadChoices(cores: number, chosen: number | null): { value: number; label: string }[] {
  const counts = Array.from({ length: cores }, (_, i) => i + 1)
  const all = chosen === null || counts.includes(chosen) ? counts : [...counts, chosen]
  return [{ value: 0, label: `All cores (${cores}), the default` }, ...all.map((value) => ({ value, label: String(value) }))]
}
