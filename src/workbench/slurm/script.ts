// The batch script of a job array: every job is this very program at its share of the runs.

/** A word for a POSIX shell, whatever is in it. */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

export interface ScriptParts {
  readonly study: string
  readonly number: number
  readonly workspace: string
  /** Of this submission; it gets a log a job. */
  readonly folder: string
  /** Runs at once in each job. */
  readonly jobs: number
  /** This program: Node (or Electron as Node) and the command line's file. */
  readonly program: readonly string[]
}

export function batchScript({ study, number, workspace, folder, jobs, program }: ScriptParts): string {
  const words = [...program, 'study', 'work', study, '--workspace', workspace, '--array', String(number), '--jobs', String(jobs)]
  return `#!/bin/sh
# Job array ${number} of the study ${study}. Each of its jobs takes the runs of its place in array.json, one after the other or as another left
# them; a job that is started twice, or again after its end, does no harm: who holds a run's lock has it, and what has ended stays.
cd ${quoted(workspace)} || exit 1
export ELECTRON_RUN_AS_NODE=1
exec ${words.map(quoted).join(' ')} --place "$SLURM_ARRAY_TASK_ID" --threads "\${SLURM_CPUS_PER_TASK:-1}" >>${quoted(`${folder}/`)}"$SLURM_ARRAY_TASK_ID.log" 2>&1
`
}
