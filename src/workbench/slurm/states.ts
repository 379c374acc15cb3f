// What Slurm says of the jobs of a study: `squeue` of those it has in hand, `scontrol` of those that ended a while ago, `sacct` of older ones where there is accounting.
import { isLiveJob, type SlurmArray, type SlurmJob, type SlurmStates } from '../../shared/studies/slurm'
import { askSlurm, callSlurm, slurmWords, SlurmError } from './call'
import { arrayJobs, placesIn } from './ranges'

/** Of one job of an array. */
export type SaidOfJob = Pick<SlurmJob, 'state' | 'reason' | 'node' | 'exit'>
/** By the job's name, such as `12_5`. */
type Said = Map<string, SaidOfJob>

const orNull = (word: string | undefined) =>
  word === undefined || /^(|None|\(null\)|N\/A|Unknown|None assigned)$/.test(word) ? null : word

const queueFormat = '%i|%T|%N|%r'

/** Of `squeue --noheader --format='%i|%T|%N|%r'`: jobs that wait come together as `12_[5-9%2]`. */
export function parseQueue(text: string): Said {
  const said: Said = new Map()
  for (const line of text.split('\n')) {
    const [id, state, node, ...reason] = line.split('|')
    const jobs = arrayJobs(id.trim())
    if (!jobs || state === undefined) continue
    for (const place of jobs.places)
      said.set(`${jobs.array}_${place}`, { state, node: orNull(node), reason: orNull(reason.join('|')), exit: null })
  }
  return said
}

/** Of `scontrol --oneliner show job ARRAY`. */
export function parseJobs(text: string): Said {
  const said: Said = new Map()
  for (const line of text.split('\n')) {
    const field = (name: string) => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1]
    const places = placesIn(field('ArrayTaskId') ?? '')
    const state = field('JobState')
    if (!places || state === undefined) continue
    for (const place of places)
      said.set(`${field('ArrayJobId')}_${place}`, {
        state,
        reason: orNull(field('Reason')),
        node: orNull(field('NodeList')),
        exit: isLiveJob(state) ? null : orNull(field('ExitCode'))
      })
  }
  return said
}

const accountFormat = 'JobID,State,NodeList,ExitCode'

/** Of `sacct --noheader --parsable2 --allocations --format=JobID,State,NodeList,ExitCode`. */
export function parseAccounts(text: string): Said {
  const said: Said = new Map()
  for (const line of text.split('\n')) {
    const [id, words, node, exit] = line.split('|')
    const jobs = arrayJobs(id)
    if (!jobs || words === undefined) continue
    // "CANCELLED by 1000".
    const [state, ...by] = words.split(' ')
    const reason = by.length > 0 ? by.join(' ') : null
    for (const place of jobs.places)
      said.set(`${jobs.array}_${place}`, { state, reason, node: orNull(node), exit: isLiveJob(state) ? null : orNull(exit) })
  }
  return said
}

/** Empty where Slurm knows none of these jobs (any more). */
async function askAbout(program: string, args: readonly string[], parse: (text: string) => Said): Promise<Said> {
  const { status, stdout, stderr } = await askSlurm(program, args)
  if (status === 0 || /invalid job id/i.test(stderr)) return parse(stdout)
  throw new SlurmError(`Slurm does not say how its jobs are: ${slurmWords(stderr) || `\`${program}\` ended with ${status}`}`)
}

const unknown: SaidOfJob = { state: 'UNKNOWN', reason: null, node: null, exit: null }

/** All jobs of these arrays. Throws SlurmError where Slurm cannot be asked. */
export async function slurmJobs(arrays: readonly SlurmArray[]): Promise<SlurmJob[]> {
  const submitted = arrays.flatMap(({ job, shares }) => (job === null ? [] : [{ job, shares }]))
  if (submitted.length === 0) return []
  const names = submitted.map(({ job }) => job)
  const said = await askAbout('squeue', ['--noheader', `--format=${queueFormat}`, `--jobs=${names.join(',')}`], parseQueue)
  const missing = () => submitted.filter(({ job, shares }) => shares.some((_, place) => !said.has(`${job}_${place}`)))
  const add = (more: Said) => more.forEach((job, name) => said.has(name) || said.set(name, job))
  for (const { job } of missing()) add(await askAbout('scontrol', ['--oneliner', 'show', 'job', job], parseJobs))
  const forgotten = missing().map(({ job }) => job)
  if (forgotten.length > 0) {
    const args = ['--noheader', '--parsable2', '--allocations', `--format=${accountFormat}`, `--jobs=${forgotten.join(',')}`]
    // Without accounting sacct refuses: then these jobs are not known any more.
    const accounts = await askSlurm('sacct', args).catch(() => null)
    if (accounts?.status === 0) add(parseAccounts(accounts.stdout))
  }
  return submitted.flatMap(({ job, shares }) =>
    shares.map((runs, place) => ({ job: `${job}_${place}`, ...(said.get(`${job}_${place}`) ?? unknown), runs }))
  )
}

/** As `slurmJobs`; where Slurm cannot be asked the answer says why. Null where nothing of the study was submitted. */
export async function slurmStates(arrays: readonly SlurmArray[]): Promise<SlurmStates | null> {
  if (arrays.length === 0) return null
  const recorded = arrays.map(({ shares: _shares, ...array }) => array)
  try {
    return { arrays: recorded, jobs: await slurmJobs(arrays), fault: null }
  } catch (error) {
    if (!(error instanceof SlurmError)) throw error
    return { arrays: recorded, jobs: [], fault: error.message }
  }
}

/** How large a job array may be here. Throws SlurmError. */
export async function arrayLimit(): Promise<number> {
  const limits = limitsIn(await callSlurm('scontrol', ['show', 'config'], 'tell its limits'))
  if (limits === null) throw new SlurmError('`scontrol show config` names no MaxArraySize: this Slurm has no job arrays')
  return limits
}

/** The least of MaxArraySize (places go from 0 to one less) and MaxJobCount; null where arrays are not to be had. */
export function limitsIn(config: string): number | null {
  const value = (name: string) => Number(new RegExp(`^${name}\\s*=\\s*(\\d+)`, 'm').exec(config)?.[1] ?? Infinity)
  const least = Math.min(value('MaxArraySize'), value('MaxJobCount'))
  return Number.isFinite(least) && least > 0 ? least : null
}
