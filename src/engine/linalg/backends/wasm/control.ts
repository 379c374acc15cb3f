// The shared control block: how the threads of the pool and the caller talk while kernels run. Each word has its own cache line.

/** Indices into the control block seen as Int32Array. */
export const control = {
  /** The current task's gate: see `gate`. */
  gate: 0,
  /** Changes when the last follower leaves a task: wakes the leader. */
  left: 16,
  /** Index of the current task. */
  task: 32,
  /** Next tile of the current task that nobody works on. */
  next: 48,
  /** Set by the caller to end the current job. */
  cancelled: 64,
  /** Work done and expected in the current job, in units of the job's choice. */
  work: 80,
  expected: 96,
  /** Set when a follower failed. */
  failed: 112
} as const

/**
 * The gate word: how many followers are inside the task, whether more may enter, and the task's number. A follower enters by a compare-exchange on
 * the whole word, so it reads the task and its arguments only while the leader cannot change them; one that wakes too late stays outside.
 */
export const gate = { inside: 0xff, open: 0x100, number: 0x200 } as const

/** Arguments of the current task: float64 numbers from this byte of the control block on. */
export const argumentsOffset = 1024
export const mostArguments = 64

/** Where the control block lies: above the kernels' static data, below everything allocated. */
export const controlAddress = 1024 * 1024
/** The first byte that may be allocated. */
export const firstFreeAddress = controlAddress + 65536

/** Sizes of the product's blocks (Goto & van de Geijn 2008): rows of A, depth, columns of B packed at a time. */
export const blockRows = 96
export const blockDepth = 256
export const blockColumns = 1024

/** Scratch of one thread: packed A, packed B, a spilled tile. */
export const scratchBytes = 8 * (blockRows * blockDepth + blockDepth * blockColumns + 16)

export interface WorkerData {
  readonly module: object
  readonly memory: object
  readonly thread: number
  readonly threads: number
  readonly scratchAddress: number
}
