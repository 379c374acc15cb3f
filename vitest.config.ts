// The test suites: unit and integration need neither browser nor Electron nor Python; long are the long variants; e2e and electron drive the built product; product is installed and used as a stranger does.
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** `alone`: each file has its modules to itself; pure ones need not. */
const project = (name: string, include: string, testTimeout: number, { serial = false, alone = true } = {}) => ({
  test: {
    name,
    include: [include],
    environment: 'node' as const,
    testTimeout,
    hookTimeout: testTimeout,
    // What is waited for comes at last, also on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    env: {
      // Servers that tests start keep their tokens apart from the user's own.
      XDG_STATE_HOME: join(tmpdir(), 'saddlescope-test-state'),
      // Files run side by side: threads of OpenBLAS that wait for work would take the cores from each other by spinning.
      OPENBLAS_THREAD_TIMEOUT: '16'
    },
    pool: 'forks' as const,
    isolate: alone,
    fileParallelism: !serial
  }
})

export default defineConfig({
  test: {
    // Vitest leaves one core to itself, which on two cores is half of them.
    maxWorkers: availableParallelism(),
    projects: [
      project('unit', 'test/unit/**/*.test.ts', 120_000, { alone: false }),
      project('integration', 'test/integration/**/*.test.ts', 240_000),
      project('long', 'test/long/**/*.test.ts', 1_800_000, { serial: true }),
      project('e2e', 'test/e2e/**/*.test.ts', 300_000, { serial: true }),
      project('electron', 'test/electron/**/*.test.ts', 300_000, { serial: true }),
      project('product', 'test/product/**/*.test.ts', 600_000, { serial: true })
    ]
  }
})
