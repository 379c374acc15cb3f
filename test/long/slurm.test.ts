// A study of 200 short runs on a real Slurm of one node: twenty jobs are cancelled or killed in the middle of a run, the next calls take up what is left,
// and each run ends exactly once; then the same 200 runs undisturbed, and by `--jobs 2`, to say what Slurm costs.
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StudyDetails } from '../../src/shared/studies/answers'
import { isLiveJob, type SlurmStates } from '../../src/shared/studies/slurm'
import { metricsOf, removeFolder, statusOf, temporaryFolder, writeSpec } from '../integration/cli/saddlescope'
import { bowl, csv, json, runsIn, studied, sweep } from '../integration/cli/studies'

const tool = join(import.meta.dirname, '..', '..', '..', 'shared', 'tools', 'one-node-slurm.sh')
/** Only where it is installed and nobody else's is set up: the tool writes /etc/slurm/slurm.conf. */
const missing = ['slurmctld', 'slurmd', 'munged', 'sbatch'].filter((program) => spawnSync('which', [program]).status !== 0)
const why =
  missing.length > 0
    ? `${missing.join(', ')} not installed (slurm-wlm, munge)`
    : process.getuid?.() !== 0
      ? 'starting a Slurm takes root'
      : spawnSync('test', ['-e', '/etc/slurm/slurm.conf']).status === 0
        ? 'there is a Slurm here already (/etc/slurm/slurm.conf)'
        : spawnSync('test', ['-e', tool]).status !== 0
          ? `${tool} is not there`
          : null
if (why !== null) process.stdout.write(`Slurm: not run, because ${why}\n`)

const steps = 200
const rates = { path: 'optimizer.learningRate', from: 0.01, to: 0.2, count: 200 }
const spec = sweep({ base: { ...bowl, budget: { steps } }, axes: [rates] })
const whole = Array.from({ length: steps }, (_, k) => k + 1)

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const ends = (run: string) => readFileSync(join(run, 'log.ndjson'), 'utf8').match(/"message":\s*"done at step/g)?.length ?? 0

describe.runIf(why === null)('on a Slurm of one node', () => {
  const folder = temporaryFolder()
  const workspace = join(folder, 'a work space')
  const here = ['--workspace', workspace]
  const environment = { ...process.env, ONE_NODE_SLURM: join(folder, 'slurm') }
  const file = writeSpec(folder, spec, 'sweep.json')

  beforeAll(() => void execFileSync('bash', [tool, 'start'], { env: environment, timeout: 60_000 }), 60_000)
  afterAll(() => {
    spawnSync('scancel', ['--name=saddlescope-sweep,saddlescope-quiet'])
    spawnSync('bash', [tool, 'stop'], { env: environment })
    removeFolder(folder)
  })

  const submit = async (...more: string[]) => {
    const { status, stdout, stderr } = await studied(file, '--slurm', '--json', ...here, ...more)
    expect([status, stderr]).toEqual([0, ''])
    return JSON.parse(stdout) as { job: string | null; jobs: number; runs: number }
  }
  const shown = async (id: string) =>
    JSON.parse((await studied('show', id, '--json', ...here)).stdout) as StudyDetails & { slurm: SlurmStates }
  const live = () => Number(spawnSync('squeue', ['--noheader', '--array'], { encoding: 'utf8' }).stdout.split('\n').length - 1)
  const untilIdle = async () => {
    while (live() > 0) await wait(200)
  }

  /** Runs that are in the middle of their steps, with the process that works on each. */
  const inHand = () =>
    readdirSync(join(workspace, 'runs')).flatMap((run) => {
      try {
        const path = join(workspace, 'runs', run)
        const { pid } = json<{ pid: number }>(join(path, 'lock.json'))
        return statusOf(path).state === 'running' ? [{ run, pid }] : []
      } catch {
        return []
      }
    })
  /** The job whose process this is: Slurm's place of it is in its environment. */
  const jobOf = (pid: number) => {
    const words = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    const value = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
    return `${value('SLURM_ARRAY_JOB_ID')}_${value('SLURM_ARRAY_TASK_ID')}`
  }

  test('twenty are cancelled or killed, and each of 200 runs ends exactly once', async () => {
    expect(await submit('--tasks-per-job', '10')).toMatchObject({ jobs: 20, runs: 200 })
    const states = await shown('sweep')
    expect(states.slurm.jobs).toHaveLength(20)
    expect(states.slurm.jobs.filter(({ state }) => isLiveJob(state)).length).toBeGreaterThan(10)
    // A second call finds all of them in hand.
    expect(await submit()).toMatchObject({ job: null, runs: 0 })

    const hit = new Set<string>()
    const stopped = { killed: 0, cancelled: 0 }
    let calls = 1
    for (let looks = 0; stopped.killed + stopped.cancelled < 20; looks++) {
      const now = inHand().filter(({ run }) => !hit.has(run))
      for (const { run, pid } of now.slice(0, 1))
        try {
          const job = jobOf(pid)
          if (stopped.killed <= stopped.cancelled) {
            process.kill(pid, 'SIGKILL')
            stopped.killed++
          } else {
            expect((await studied('cancel', 'sweep', job, ...here)).status).toBe(0)
            stopped.cancelled++
          }
          hit.add(run)
        } catch {
          // It ended between the look and the blow.
        }
      if (live() === 0) {
        expect((await submit('--tasks-per-job', '10')).job).not.toBe(null)
        calls++
      }
      await wait(30)
      expect(looks).toBeLessThan(5000)
    }
    await untilIdle()
    const between = await shown('sweep')
    expect(between.finished).toBeLessThan(200)
    // Jobs that died are queued again by hand, and what is left then goes the way of the next call.
    expect((await studied('requeue', 'sweep', ...here)).status).toBe(0)
    await untilIdle()
    for (let left = await submit(); left.job !== null; left = await submit()) {
      calls++
      await untilIdle()
    }
    process.stdout.write(`Slurm: ${stopped.killed} killed, ${stopped.cancelled} cancelled, ${calls} calls of study --slurm\n`)

    const ids = runsIn(workspace)
    expect(ids).toHaveLength(200)
    for (const id of ids) {
      const run = join(workspace, 'runs', id)
      expect([id, statusOf(run).state, ends(run)]).toEqual([id, 'done', 1])
      expect(metricsOf(run).map(({ step }) => step)).toEqual(whole)
      expect(readdirSync(run)).not.toContain('lock.json')
    }
    expect(csv(join(workspace, 'studies', 'sweep', 'results.csv')).map(({ run, state }) => [run, state])).toEqual(
      ids.map((id) => [id, 'done'])
    )
    const recorded = json<{ slurm: { job: string }[] }>(join(workspace, 'studies', 'sweep', 'study.json')).slurm
    expect(recorded.length).toBe(calls)
    for (const { job } of recorded) expect(job).toMatch(/^\d+$/)
  })

  test('undisturbed it comes to its end; what Slurm costs beside --jobs 2', async () => {
    const timed = async (work: () => Promise<unknown>) => {
      const began = performance.now()
      await work()
      return (performance.now() - began) / 1000
    }
    const slurm = await timed(async () => {
      const { jobs, runs } = await submit('--id', 'quiet', '--tasks-per-job', '50')
      expect([jobs, runs]).toEqual([4, 200])
      await untilIdle()
    })
    expect((await shown('quiet')).finished).toBe(200)
    const plain = await timed(async () => expect((await studied(file, '--id', 'plain', '--jobs', '2', ...here)).status).toBe(0))
    process.stdout.write(`Slurm: 200 runs in ${slurm.toFixed(1)} s by 4 jobs, ${plain.toFixed(1)} s by --jobs 2\n`)
  })

  test('what Slurm refuses is said in its words, and nothing of it stays', async () => {
    const { status, stderr } = await studied(file, '--id', 'refused', '--slurm', '--tasks-per-job', '10', '--partition', 'nowhere', ...here)
    expect(stderr).toMatch(/^Slurm does not take the jobs: .*invalid partition.*\n$/i)
    expect(status).toBe(1)
    expect(readdirSync(join(workspace, 'studies', 'refused', 'slurm'))).toEqual([])
    const many = await studied(file, '--id', 'refused', '--slurm', '--tasks-per-job', '1', ...here)
    expect([many.status, many.stderr]).toEqual([
      1,
      '200 runs at 1 a job are 200 jobs, more than the 101 that this Slurm takes in an array: --tasks-per-job must be at least 2\n'
    ])
  })
})
