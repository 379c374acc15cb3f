// Baselines in Python: runs a script of bench/python in the interpreter of SADDLESCOPE_PYTHON, or python3; absent packages are said, not fatal.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** Built as out/main/bench.js or one of its chunks; the scripts stay in the checkout's bench/python. */
const folder = (): string =>
  join(process.env.SADDLESCOPE_BENCH_ROOT ?? join(__dirname.replace(/[\\/]out[\\/]main.*$/, ''), 'bench'), 'python')

export type PythonResult = { readonly rows: readonly unknown[] } | { readonly missing: string }

export interface PythonOptions {
  /** Handed to the script as one JSON argument. */
  readonly input: unknown
  /** Modules without which the baseline is left out, e.g. ['numpy', 'scipy']. */
  readonly needs: readonly string[]
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Takes each row (one JSON value a line of the script's stdout) when it arrives. */
  readonly onRow?: (row: unknown) => void
}

/**
 * Runs bench/python/SCRIPT with the thread counts of OpenBLAS, MKL and OpenMP set. The script prints one JSON value a line.
 * `missing` says in a sentence why there is no baseline: no interpreter, or a module that is not installed.
 */
export async function runPython(script: string, options: PythonOptions): Promise<PythonResult> {
  const python = process.env.SADDLESCOPE_PYTHON ?? 'python3'
  const found = await execute(python, ['-c', `import ${options.needs.join(', ') || 'sys'}`], options)
  if (found.status === null)
    return { missing: `no baseline in Python: ${python} cannot be started (SADDLESCOPE_PYTHON names another interpreter)` }
  if (found.status !== 0)
    return {
      missing: `no baseline in Python: ${python} cannot import ${options.needs.join(' and ')} (SADDLESCOPE_PYTHON names another interpreter)`
    }
  const rows: unknown[] = []
  const ran = await execute(python, [join(folder(), script), JSON.stringify(options.input)], options, (line) => {
    const row: unknown = JSON.parse(line)
    rows.push(row)
    options.onRow?.(row)
  })
  if (options.signal?.aborted) throw options.signal.reason
  if (ran.status !== 0) throw new Error(`${script} failed in ${python}: ${ran.errors.trim().split('\n').at(-1) ?? 'no message'}`)
  return { rows }
}

function execute(
  command: string,
  args: readonly string[],
  options: PythonOptions,
  onLine: (line: string) => void = () => undefined
): Promise<{ status: number | null; errors: string }> {
  const threads = options.threads === undefined ? {} : threadVariables(options.threads)
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...threads }, signal: options.signal })
    let pending = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n')
      pending = lines.pop() ?? ''
      try {
        for (const line of lines) if (line.trim() !== '') onLine(line)
      } catch (error) {
        child.kill()
        reject(error)
      }
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    child.on('error', () => resolve({ status: null, errors }))
    child.on('close', (status) => resolve({ status, errors }))
  })
}

function threadVariables(threads: number): Record<string, string> {
  const names = ['OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'OMP_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS']
  return Object.fromEntries(names.map((name) => [name, String(threads)]))
}
