// Runs inside a utility process: the whole linear-algebra suite over one backend, results as messages to the process that forked it.
import { openLinalg } from '../../../src/engine/linalg'
import { everyCase } from '../../reference/linalg/suite'

interface Port {
  postMessage(message: unknown): void
}

const port = (process as unknown as { readonly parentPort: Port }).parentPort
const backend = process.argv[2] === 'lapack' ? 'lapack' : 'wasm'

async function runSuite(): Promise<void> {
  const linalg = await openLinalg({ backend, threads: 2 })
  const failures: string[] = []
  for (const { name, run } of everyCase)
    try {
      await run(linalg)
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  await linalg.dispose()
  port.postMessage({ cases: everyCase.length, failures, info: linalg.info, versions: { ...process.versions } })
}

runSuite().catch((error: unknown) => port.postMessage({ cases: 0, failures: [String(error)] }))
