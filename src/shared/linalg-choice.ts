// Which linear algebra the workbench's new runs and jobs are computed with: chosen in Settings, kept in the workspace's settings, measured by a bench.
import { z } from 'zod'

export const backendChoices = ['auto', 'lapack', 'wasm'] as const
export type BackendName = 'lapack' | 'wasm'

/** As many as the embedded kernels take. */
export const mostThreads = 64
export const backendSchema = z.enum(backendChoices)
export const threadsSchema = z.number().int().min(1).max(mostThreads)

export interface LinalgChoice {
  readonly backend: (typeof backendChoices)[number]
  /** Of all runs together; null: as many as the machine has cores. */
  readonly threads: number | null
}
export const defaultLinalg: LinalgChoice = { backend: 'auto', threads: null }

/** What the settings say; what they do not say rightly is left to the default. */
export function linalgChoice(settings: Readonly<Record<string, unknown>>): LinalgChoice {
  const backend = backendSchema.safeParse(settings.backend)
  const threads = threadsSchema.safeParse(settings.threads)
  return { backend: backend.success ? backend.data : 'auto', threads: threads.success ? threads.data : null }
}

export const speedsSetting = 'backendSpeeds'

const speedSchema = z.object({
  kind: z.enum(['lapack', 'wasm']),
  /** As the backend calls itself; null where it is not to be had here. */
  description: z.string().nullable(),
  /** Why it is not to be had; null where it is. */
  problem: z.string().nullable(),
  threads: z.number().nullable(),
  /** Of a product of two matrices of order `productOrder`, 2n³ operations: the best of several. */
  gflops: z.number().nullable(),
  /** Of all eigenvalues and eigenvectors of a symmetric matrix of order `eigenOrder`: the best of several. */
  eigenSeconds: z.number().nullable()
})
export const speedsSchema = z.object({
  /** ISO 8601, UTC. */
  measuredAt: z.string(),
  productOrder: z.number(),
  eigenOrder: z.number(),
  backends: z.array(speedSchema)
})
export type BackendSpeed = z.output<typeof speedSchema>
export type BackendSpeeds = z.output<typeof speedsSchema>

/** The newest measurement that is kept; null where there is none. */
export function speedsOf(settings: Readonly<Record<string, unknown>> | undefined): BackendSpeeds | null {
  const read = speedsSchema.safeParse(settings?.[speedsSetting])
  return read.success ? read.data : null
}
