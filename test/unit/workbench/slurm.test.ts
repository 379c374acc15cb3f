// Slurm's words, as 22.05.8 writes them (accounts as of its manual), the packing of runs into jobs, and the script that a job is.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slurmWords } from '../../../src/workbench/slurm/call'
import { arrayJobs, placesIn } from '../../../src/workbench/slurm/ranges'
import { batchScript } from '../../../src/workbench/slurm/script'
import { limitsIn, parseAccounts, parseJobs, parseQueue } from '../../../src/workbench/slurm/states'
import { runsPerJob, sharesOf, timeSeconds } from '../../../src/workbench/slurm/submit'
import { isLiveJob } from '../../../src/shared/studies/slurm'

describe('places of an array', () => {
  it.each([
    ['5', [5]],
    ['[0-9%2]', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['[0-6,8-9%2]', [0, 1, 2, 3, 4, 5, 6, 8, 9]],
    ['2-6,8-9%2', [2, 3, 4, 5, 6, 8, 9]],
    ['[1-10:4]', [1, 5, 9]],
    ['[7,3]', [3, 7]]
  ])('%s', (text, places) => expect(placesIn(text)).toEqual(places))
  it.each(['', '[', 'a', '3-1', '1-5:0', '[1-]', '0-9999999:0', 'N/A', '12345678'])('%s is none', (text) =>
    expect(placesIn(text)).toBe(null)
  )
  it('are those that were written, however they are put together', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200), { minLength: 1 }), (places) => {
        const sorted = [...places].sort((a, b) => a - b)
        const parts: number[][] = []
        for (const place of sorted) {
          const last = parts.at(-1)
          if (last && last[1] + 1 === place) last[1] = place
          else parts.push([place, place])
        }
        const text = parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
        expect(arrayJobs(`12_[${text}%3]`)).toEqual({ array: '12', places: sorted })
      })
    )
  })
  it('a job of no array has none', () => expect([arrayJobs('12'), arrayJobs('12_')]).toEqual([null, null]))
})

describe('what Slurm says', () => {
  it('of jobs in its hands', () => {
    const said = parseQueue(
      ['1_[2-6,8-9%2]|PENDING||JobArrayTaskLimit', '13_[4-7]|PENDING||Resources,JobHeldAdmin', '1_0|RUNNING|vm|None', ''].join('\n')
    )
    expect([...said.keys()]).toEqual(['1_2', '1_3', '1_4', '1_5', '1_6', '1_8', '1_9', '13_4', '13_5', '13_6', '13_7', '1_0'])
    expect(said.get('1_4')).toEqual({ state: 'PENDING', reason: 'JobArrayTaskLimit', node: null, exit: null })
    expect(said.get('13_7')?.reason).toBe('Resources,JobHeldAdmin')
    expect(said.get('1_0')).toEqual({ state: 'RUNNING', reason: null, node: 'vm', exit: null })
  })
  it('of jobs that ended, a line each, and of those that wait together', () => {
    const rest = 'Partition=all AllocNode:Sid=localhost:12928 ReqNodeList=(null) ExcNodeList=(null)'
    const said = parseJobs(
      [
        `JobId=5 ArrayJobId=5 ArrayTaskId=7 ArrayTaskThrottle=3 JobName=k.sh UserId=root(0) JobState=COMPLETED Reason=None Dependency=(null) Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0 ${rest} NodeList=vm BatchHost=vm`,
        `JobId=7 ArrayJobId=5 ArrayTaskId=1 ArrayTaskThrottle=3 JobName=k.sh UserId=root(0) JobState=FAILED Reason=JobLaunchFailure Dependency=(null) Requeue=1 ExitCode=0:9 ${rest} NodeList=vm BatchHost=vm`,
        `JobId=1 ArrayJobId=5 ArrayTaskId=2-4,6%2 ArrayTaskThrottle=2 JobName=k.sh UserId=root(0) JobState=PENDING Reason=Priority Dependency=(null) ExitCode=0:0 ${rest} NodeList= NumNodes=1`,
        'JobId=8 JobName=another JobState=RUNNING Reason=None NodeList=vm',
        ''
      ].join('\n')
    )
    expect([...said.keys()]).toEqual(['5_7', '5_1', '5_2', '5_3', '5_4', '5_6'])
    expect(said.get('5_7')).toEqual({ state: 'COMPLETED', reason: null, node: 'vm', exit: '0:0' })
    expect(said.get('5_1')).toEqual({ state: 'FAILED', reason: 'JobLaunchFailure', node: 'vm', exit: '0:9' })
    expect(said.get('5_6')).toEqual({ state: 'PENDING', reason: 'Priority', node: null, exit: null })
  })
  it('of those that it has only accounts of', () => {
    const said = parseAccounts(
      '5_0|COMPLETED|node7|0:0\n5_1|CANCELLED by 1000|None assigned|0:0\n5_2|TIMEOUT|node8|0:0\n6|COMPLETED|node1|0:0\n'
    )
    expect(Object.fromEntries(said)).toEqual({
      '5_0': { state: 'COMPLETED', reason: null, node: 'node7', exit: '0:0' },
      '5_1': { state: 'CANCELLED', reason: 'by 1000', node: null, exit: '0:0' },
      '5_2': { state: 'TIMEOUT', reason: null, node: 'node8', exit: '0:0' }
    })
  })
  it('when it refuses', () => {
    const stderr =
      'sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified\n'
    expect(slurmWords(stderr)).toBe('invalid partition specified: nope; Batch job submission failed: Invalid partition name specified')
  })
  it('of its limits', () => {
    expect(limitsIn('MailProg = /usr/bin/mail\nMaxArraySize            = 101\nMaxJobCount             = 10000\n')).toBe(101)
    expect(limitsIn('MaxArraySize            = 1001\nMaxJobCount             = 500\n')).toBe(500)
    expect(limitsIn('MaxArraySize            = 0\n')).toBe(null)
  })
  it('jobs that wait, run or come back are in its hands, others are over', () => {
    expect(['PENDING', 'RUNNING', 'COMPLETING', 'REQUEUED'].every(isLiveJob)).toBe(true)
    expect(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL', 'OUT_OF_MEMORY', 'UNKNOWN'].some(isLiveJob)).toBe(false)
  })
})

describe('packing', () => {
  const plain = { tasksPerJob: null, secondsPerRun: 10, timeSeconds: null, jobs: 1, limit: 1001 }
  it('fills five minutes, or half the limit of a job, and a job takes a run at least', () => {
    expect(runsPerJob(1000, plain)).toBe(30)
    expect(runsPerJob(1000, { ...plain, jobs: 4 })).toBe(120)
    expect(runsPerJob(1000, { ...plain, timeSeconds: 120 })).toBe(6)
    expect(runsPerJob(1000, { ...plain, secondsPerRun: 1e5 })).toBe(1)
    expect(runsPerJob(12, plain)).toBe(12)
  })
  it('keeps to the limit of an array, and says what it would take', () => {
    expect(runsPerJob(1000, { ...plain, secondsPerRun: 1e5, limit: 101 })).toBe(10)
    expect(() => runsPerJob(200, { ...plain, tasksPerJob: 1, limit: 101 })).toThrow(
      '200 runs at 1 a job are 200 jobs, more than the 101 that this Slurm takes in an array: --tasks-per-job must be at least 2'
    )
  })
  it('every run is in one share, in order; shares differ by one at most and none is larger than asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 40 }), (count, size) => {
        const items = Array.from({ length: count }, (_, k) => k)
        const shares = sharesOf(items, size)
        expect(shares.flat()).toEqual(items)
        const lengths = shares.map(({ length }) => length)
        expect(Math.max(...lengths)).toBeLessThanOrEqual(size)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      })
    )
  })
  it.each([
    ['30', 1800],
    ['30:15', 1815],
    ['2:00:00', 7200],
    ['1-12', 129_600],
    ['1-0:30', 88_200],
    ['1-00:00:05', 86_405],
    ['soon', null],
    ['1:2:3:4', null],
    ['-5', null]
  ])('the time %s is %s seconds', (time, seconds) => expect(timeSeconds(time)).toBe(seconds))
})

describe.skipIf(process.platform === 'win32')('the batch script', () => {
  it('passes every word as it is, whatever is in the names of folders', () => {
    const folder = mkdtempSync(join(tmpdir(), 'saddlescope-slurm-'))
    const workspace = join(folder, `it's $(touch x) "%a"; \`y\` \n z`)
    const logs = join(workspace, 'logs')
    const echo = join(folder, 'echo.sh')
    try {
      mkdirSync(logs, { recursive: true })
      writeFileSync(echo, '#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n', { mode: 0o755 })
      const script = join(folder, 'job.sh')
      writeFileSync(script, batchScript({ study: 'sweep', number: 3, workspace, folder: logs, jobs: 2, program: [echo] }))
      const env = { ...process.env, SLURM_ARRAY_TASK_ID: '7', SLURM_CPUS_PER_TASK: '4' }
      execFileSync('sh', [script], { env })
      const words = `study work sweep --workspace @ --array 3 --jobs 2 --place 7 --threads 4`.split(' ')
      expect(readFileSync(join(logs, '7.log'), 'utf8').split('\0').slice(0, -1)).toEqual(
        words.map((word) => (word === '@' ? workspace : word))
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
