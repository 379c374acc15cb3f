// Slurm's own programs, called without a shell; what they say when they refuse is quoted.
import { execFile } from 'node:child_process'

/** A cluster's controller may be slow; one that does not answer for so long is not waited for. */
const patience = 30_000

/** Why Slurm could not be asked, or refused, in one sentence. */
export class SlurmError extends Error {
  override readonly name = 'SlurmError'
}

interface Answer {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Slurm's last words on one line, without the name of the program and its level. */
export function slurmWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => line.replace(/^\w+: (?:error|fatal): /, '').trim()).join('; ')
}

/** Its answer, whatever its exit status. Throws SlurmError where there is no such program, or none that answers. */
export function askSlurm(program: string, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { timeout: patience, maxBuffer: 64 * 2 ** 20, env: { ...process.env, LC_ALL: 'C' } }
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ status: 0, stdout, stderr })
      if (error.code === 'ENOENT')
        return reject(
          new SlurmError(
            `there is no \`${program}\` on this computer: Slurm is asked where its programs are, such as on the cluster's login node`
          )
        )
      if (error.killed) return reject(new SlurmError(`\`${program}\` did not answer within ${patience / 1000} s`))
      resolve({ status: typeof error.code === 'number' ? error.code : 1, stdout, stderr })
    })
  })
}

/** What it prints. Throws SlurmError with Slurm's words where it refuses. */
export async function callSlurm(program: string, args: readonly string[], what: string): Promise<string> {
  const { status, stdout, stderr } = await askSlurm(program, args)
  if (status === 0) return stdout
  throw new SlurmError(`Slurm does not ${what}: ${slurmWords(stderr) || `\`${program}\` ended with ${status}`}`)
}
