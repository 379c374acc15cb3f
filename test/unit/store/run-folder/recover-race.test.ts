// A run whose owner died is put right under its lock: whoever takes the run over meanwhile keeps it, and what it writes.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRun, readStatus, recoverRun, takeLock, thisHost, updateStatus, type HostView, type Workspace } from '../../../../src/store'
import { lockPath, runFolder } from '../../../../src/store/run-folder'
import { temporaryWorkspace, testSpec } from '../fake-run'
import { interrupted } from '../interrupted-file-system'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

const host = (processStart: string): HostView => ({
  ...thisHost,
  processStart,
  stateOf: (_, start) => (start === 'dead' ? 'gone' : 'running')
})

it('wherever a second process comes between, the one that works on the run keeps lock and status', async () => {
  // Undisturbed at first, which tells how many there are.
  let operations = 0
  const outcomes = new Set<string>()
  for (let n = -1; n < operations; n++) {
    const id = `run-${n + 1}`
    await createRun(workspace, testSpec(), { id })
    const path = lockPath(runFolder(workspace, id))
    await updateStatus(workspace, id, { state: 'running', step: 3 })
    await takeLock(workspace.fileSystem, path, host('dead'))
    let working: Awaited<ReturnType<typeof takeLock>> | null = null
    const { fileSystem, count } = interrupted(n, async () => {
      working = await takeLock(workspace.fileSystem, path, host('second')).catch((error: Error) => {
        if (!error.message.includes('is working on this run')) throw error
        return null
      })
      if (working) await updateStatus(workspace, id, { state: 'running', step: 7 })
    })
    const found = await recoverRun({ ...workspace, fileSystem }, id, host('first'))
    operations = Math.max(operations, count())
    const status = await readStatus(workspace, id)
    if (working === null) expect([found.state, status.state], `operation ${n}`).toEqual(['interrupted', 'interrupted'])
    else {
      // Its lock is still its own, and the status says what it wrote last.
      await (working as Awaited<ReturnType<typeof takeLock>>).beat()
      await expect(takeLock(workspace.fileSystem, path, host('third')), `operation ${n}`).rejects.toThrow(/is working on this run/)
      expect(status, `operation ${n}`).toMatchObject({ state: 'running', step: 7 })
    }
    outcomes.add(working === null ? 'first' : 'second')
  }
  expect(operations).toBeGreaterThan(10)
  expect([...outcomes].sort()).toEqual(['first', 'second'])
})
