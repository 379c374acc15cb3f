// exams/: what each optimizer made of each problem of the exam, a file a cell, so that an exam that was stopped goes on.
import { join } from 'node:path'
import { z } from 'zod'
import { examCellSchema, type ExamCell } from '../shared/exam/grade'
import { readJson, writeJson } from './files'
import type { Workspace } from './workspace'

const documentSchema = z.looseObject({ schemaVersion: z.literal(1), question: z.string(), cell: z.unknown() })

const examsFolder = (workspace: Workspace) => join(workspace.folder, 'exams')
const cellPath = (workspace: Workspace, problem: string, optimizer: string) => join(examsFolder(workspace), `${problem}--${optimizer}.json`)

/** Null where there is none, or one that answers another question (an older program's, other settings). Throws StorageError for one that is damaged. */
export async function readExamCell(workspace: Workspace, problem: string, optimizer: string, question: string): Promise<ExamCell | null> {
  const found = await readJson(workspace.fileSystem, cellPath(workspace, problem, optimizer), documentSchema)
  if (found === null || found.question !== question) return null
  const cell = examCellSchema.safeParse(found.cell)
  return cell.success ? cell.data : null
}

/** `question` tells what was asked. An older answer is replaced. */
export async function writeExamCell(workspace: Workspace, question: string, cell: ExamCell): Promise<void> {
  await workspace.fileSystem.makeFolder(examsFolder(workspace))
  await writeJson(workspace.fileSystem, cellPath(workspace, cell.problem, cell.optimizer), { schemaVersion: 1, question, cell })
}
